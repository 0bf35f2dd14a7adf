"""The event source on the database: what the clinic does with a patient's tickets, and who is in the chat.

All streams of a gateway share one look at the database a second. Nothing is kept but the last event that each stream
has seen, so it does not matter which gateway a client comes back to, or whether the database was away meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.escalation import presence
from patchline.escalation.patient_news import Followed, follow
from patchline.gateway import logs
from patchline.gateway.events import Event, Gone
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.notes import Notes
from patchline.gateway.tables import conversations

EVERY_S = 1.0
AFTER_FAILURE_S = 3.0  # the threads of a database that is away are needed for the patients' messages
LOOK_WAIT_S = 2.0
EVENT_ID = re.compile(r"[0-9]{1,18}")  # as large as a number of the database may be

Place = tuple[str, int]  # conversation id, last event id that was seen


class ClinicEvents:
    """Collects what streams ask for, and answers all of them with one look at the database."""

    every_s = 0.0  # an answer comes with the next round

    def __init__(self, journal: Journal, notes: Callable[[], Notes]):
        self.journal, self.notes = journal, notes
        self._asked: dict[Place, asyncio.Future[Sequence[Event] | None]] = {}
        self._rounds: asyncio.Task[None] | None = None
        self._next_at = 0.0
        self._away = False

    async def since(self, conversation_id: str, last_event_id: str | None) -> Sequence[Event]:
        """What is new after an event, and in any case who is in the chat; nothing while the database is away."""
        known = EVENT_ID.fullmatch(last_event_id or "")
        place = conversation_id, int(known[0]) if known else 0
        answer = self._asked.setdefault(place, asyncio.get_running_loop().create_future())
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._run())
        found = await asyncio.shield(answer)  # another stream of the conversation may wait for it, too
        if found is None:
            raise Gone
        return found

    async def _run(self) -> None:
        """Rounds, for as long as anybody asks."""
        loop = asyncio.get_running_loop()
        while self._asked:
            await asyncio.sleep(max(0.0, self._next_at - loop.time()))
            self._next_at = loop.time() + EVERY_S
            asked, self._asked = self._asked, {}
            try:
                answers = await self._round(asked)
            except Exception as error:  # the streams wait for an answer, whatever it is
                logs.failure("internal_error", error)
                answers = {}
            for place, answer in asked.items():
                if not answer.done():
                    answer.set_result(answers.get(place, ()))

    async def _round(self, asked: Collection[Place]) -> dict[Place, Sequence[Event] | None]:
        after: dict[str, int] = {}
        for conversation_id, last in asked:
            after[conversation_id] = min(last, after.get(conversation_id, last))
        try:
            gone, found = await self.journal.run(look, self.journal.engine, after, now(), wait_s=LOOK_WAIT_S)
        except JournalError as error:
            if not self._away:  # once, and not every few seconds
                logs.failure("events_failed", error)
            self._away = True
            self._next_at = asyncio.get_running_loop().time() + AFTER_FAILURE_S
            return {}
        if self._away:
            logs.event("events_again")
        self._away = False
        return {place: None if place[0] in gone else self._events(place[1], found[place[0]]) for place in asked}

    def _events(self, last: int, found: Followed) -> list[Event]:
        at, notes = datetime.now(UTC), self.notes()
        lines = [notes.line(news, at) for news in found.news if news.happening.id > last]
        stands = Event(None, "presence", json.dumps({"with_person": found.presence.with_person}))
        return [*(Event(str(line["event_id"]), "clinic", json.dumps(line)) for line in lines), stands]


def look(engine: sa.engine.Engine, after: Mapping[str, int], at: datetime) -> tuple[set[str], dict[str, Followed]]:
    """Which of the conversations were deleted, and what is new in them. Writes the lines that are due by time."""
    deleted = sa.select(conversations.c.id).where(conversations.c.forgotten_at.is_not(None))
    with engine.connect() as db:
        gone: set[Any] = set(db.execute(deleted.where(conversations.c.id.in_(list(after)))).scalars())
    found = follow(engine, {id_: last for id_, last in after.items() if id_ not in gone}, at)
    for conversation_id, followed in found.items():
        if followed.presence.due:
            presence.tend(engine, conversation_id, at)
    return gone, found
