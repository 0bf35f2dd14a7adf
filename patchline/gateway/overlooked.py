"""What was overlooked: flagged messages without a ticket, and messages that Rasa could not read at the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.escalation.tables import ticket_messages, tickets
from patchline.gateway import logs
from patchline.gateway import words as typed
from patchline.gateway.dialogue import DialogueError
from patchline.gateway.edition import Live
from patchline.gateway.escalations import Escalations, escalation_of
from patchline.gateway.journal import Journal
from patchline.gateway.reading import Reading, read
from patchline.gateway.records import FIELDS, Entry
from patchline.gateway.replying import WITH_PERSON
from patchline.gateway.tables import messages
from patchline.safety.model import worst

UNDER_WAY_S = 12.0  # for so long another gateway may still be answering a message
READ_WITHIN = timedelta(hours=24)
READ_WAIT_S = 5.0
MOST = 200  # rows a round
NOT_READ = ("timeout", "refused", "error", "empty", WITH_PERSON)  # outcomes; what was read has its `nlu`

Found = list[tuple[str, Entry]]  # (conversation id, message), oldest first
_whole = sa.exists().where(
    tickets.c.conversation_id == messages.c.conversation_id,
    tickets.c.message_id == messages.c.message_id,
    tickets.c.categories.is_not(None),
)
_joined = sa.exists().where(
    ticket_messages.c.conversation_id == messages.c.conversation_id,
    ticket_messages.c.message_id == messages.c.message_id,
    ticket_messages.c.complete,
)
UNRECORDED = messages.c.tier.is_not(None) & ~_whole & ~_joined  # of a message: a warning sign that is not on record
_ROW = (messages.c.conversation_id, *(messages.c[name] for name in FIELDS))


class Overlooked:
    """Looks for both. Raises `JournalError`, and `DialogueError` while Rasa is away."""

    def __init__(self, journal: Journal, live: Live, escalations: Escalations, max_characters: int):
        self.journal, self.live, self.escalations = journal, live, escalations
        self.max_characters = max_characters

    async def record_flagged(self, conversation_id: str | None = None, under_way_s: float = UNDER_WAY_S) -> None:
        """Open a ticket for each flagged message that has none: a gateway died over it.

        A message without an outcome may still be under way for `under_way_s`.
        """
        engine = self.journal.engine
        for conversation, entry in await self.journal.run(flagged, engine, conversation_id, under_way_s):
            if (conversation, entry.message_id) not in self.escalations.waiting:
                logs.event("flagged_without_ticket", conversation=conversation, message=entry.message_id)
                await self.escalations.record(escalation_of(conversation, entry))

    async def read_late(self) -> None:
        """Have the model read what it could not read; the patient had the clinic line meanwhile.

        The ticket comes first and the note that the message was read second, so that a crash repeats it.
        """
        for conversation, entry in await self.journal.run(unread, self.journal.engine):
            asked = typed.read(entry.text, self.max_characters).asked
            try:
                reading = await read(self.live.now.dialogue, asked, READ_WAIT_S)
            except DialogueError as error:
                if error.reason != "error":
                    raise
                logs.failure("not_read_late", error, conversation=conversation, message=entry.message_id)
                continue  # of this message alone
            entry = _read(entry, reading)
            if entry.tier:
                await self.escalations.record(escalation_of(conversation, entry, late=True))
            await self.journal.run(note_read, self.journal.engine, conversation, entry)


def flagged(engine: sa.engine.Engine, conversation_id: str | None = None, under_way_s: float = UNDER_WAY_S) -> Found:
    """Messages with a tier and without a ticket, or whose ticket lacks what the rules said."""
    query = sa.select(*_ROW).where(UNRECORDED, _over(under_way_s))
    if conversation_id is not None:
        query = query.where(messages.c.conversation_id == conversation_id)
    return _found(engine, query.order_by(messages.c.id))


def unread(engine: sa.engine.Engine) -> Found:
    """Typed messages of the last day that nobody has read but the rules, which saw nothing; newest first."""
    failed = messages.c.outcome.in_(NOT_READ) | (messages.c.outcome.is_(None) & _over(UNDER_WAY_S))
    recent = messages.c.at > now() - READ_WITHIN
    query = sa.select(*_ROW).where(recent, failed, messages.c.tier.is_(None), messages.c.nlu.is_(None))
    return _found(engine, query.where(messages.c.choice.is_(None)).order_by(messages.c.id.desc()))


def note_read(engine: sa.engine.Engine, conversation_id: str, entry: Entry) -> None:
    """Write down what the model read late; the outcome and the reply stay what the patient got."""
    this = (messages.c.conversation_id == conversation_id) & (messages.c.message_id == entry.message_id)
    with engine.begin() as db:
        db.execute(messages.update().where(this).values(nlu=entry.nlu, tier=entry.tier))


def _read(entry: Entry, reading: Reading) -> Entry:
    return replace(entry, nlu={**reading.nlu, "late": True}, tier=worst([entry.tier, reading.tier]))


def _over(under_way_s: float) -> Any:
    return messages.c.outcome.is_not(None) | (messages.c.at <= now() - timedelta(seconds=under_way_s))


def _found(engine: sa.engine.Engine, query: Any) -> Found:
    with engine.connect() as db:
        return [(row[0], Entry(*row[1:])) for row in db.execute(query.limit(MOST))]
