"""Where Rasa keeps conversations: its own table in the installation's database, faster, and with a way to forget.

Rasa's store reads a conversation anew for every message and writes it through an object mapper, half of the time that a
message takes. This one keeps recent conversations at hand and writes only what is new.

While the database is away, at Rasa's start too, a conversation goes on from what is at hand; what was said meanwhile is
written with the conversation's next turn. Several Rasa servers may share a server's database: what another one wrote is
noticed by its id and read.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore as RasaTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

from patchline import settings
from patchline.database import engines
from patchline.database.trackers import events, make_engine, make_table

MOST_AT_HAND = 500  # conversations; about 50 kB each
MOST_FORGOTTEN = 2000  # ids; a turn ends within seconds
LONGEST_AT_HAND_S = 3600.0  # after its last turn: another server may have been told to forget it
PASSING = "probe-"  # conversations of this kind are no patient's, and are never stored
AWAY_S = 2.0  # after a failure nobody waits for the database again before that

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Away(Exception):
    """The database failed a moment ago and was not asked again."""


@dataclass
class Kept:
    """A conversation at hand."""

    tracker: DialogueStateTracker
    stored: int  # how many of its events are in the database
    newest: int | None = None  # the id of the newest of them; None where that is not known
    whole: int = 0  # how many events it had after the last turn that ended well
    used: float = 0.0  # when, on the monotonic clock


class TrackerStore(RasaTrackerStore):
    """Named by `tracker_store.type` in endpoints.yml; the database is that of PATCHLINE_DATABASE_URL."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: EventBroker | None = None, **_: Any
    ) -> None:
        super().__init__(domain, event_broker)
        chosen = settings.from_environment()
        chosen.var.mkdir(parents=True, exist_ok=True)
        self.engine = make_engine(chosen)
        self._threads = ThreadPoolExecutor(engines.THREADS, "trackers")
        self._at_hand: OrderedDict[str, Kept] = OrderedDict()  # the latest used last
        self._forgotten: OrderedDict[str, None] = OrderedDict()  # lately; nothing is written of these any more
        self._has_table = False
        self._away_until = 0.0
        try:
            self._with_table(lambda: None)
        except sa.exc.SQLAlchemyError as error:
            self._failed(error)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """A conversation since its latest session began, read from the database unless what is at hand is the newest.

        Raises an error only for a conversation that is not at hand while the database is away.
        """
        kept = self._at_hand.get(sender_id)
        if kept is not None and kept.whole != len(kept.tracker.events):
            del self._at_hand[sender_id]  # a turn failed half-way: what it added was never meant to stay
        elif sender_id.startswith(PASSING):
            return kept.tracker if kept else None
        elif kept is not None:
            try:
                newest = await self._ask(self._newest, sender_id)
            except (sa.exc.SQLAlchemyError, Away):
                return kept.tracker
            if kept.newest == newest or (kept.newest is None and kept.whole):
                return kept.tracker
            del self._at_hand[sender_id]
        tracker, newest = await self._read(sender_id)
        if tracker is not None:
            self._keep(sender_id, Kept(tracker, len(tracker.events), newest))
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """A conversation with all of its sessions."""
        tracker, _ = await self._read(conversation_id, every_session=True)
        return tracker

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await self._ask(self._senders)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that a turn has added, or later if the database is away."""
        if tracker.sender_id in self._forgotten:
            return  # forgotten while its turn went on: nothing may come back
        await self.stream_events(tracker)
        kept = self._at_hand.get(tracker.sender_id)
        # An error of the database must not reach Rasa: it would put the conversation into a memory of its own, where it
        # is never read again and never forgotten.
        with contextlib.suppress(sa.exc.SQLAlchemyError, Away):
            if kept is None or kept.tracker is not tracker:
                new = len(tracker.events) <= 1
                kept = Kept(tracker, 0 if new else await self._ask(self._count, tracker.sender_id))
            self._keep(tracker.sender_id, kept)
            if tracker.sender_id.startswith(PASSING):
                return
            rows = [self._row(tracker.sender_id, event) for event in islice(tracker.events, kept.stored, None)]
            if rows:
                kept.newest = await self._ask(self._write, tracker.sender_id, rows)
                kept.stored = len(tracker.events)

    def latest(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker at hand after a turn, without reading the database."""
        kept = self._at_hand.get(sender_id)
        return kept.tracker if kept else None

    async def forget(self, conversation_id: str) -> None:
        """Delete everything that Rasa kept of one conversation. Raises the database's error if it is away."""
        self._at_hand.pop(conversation_id, None)
        if conversation_id.startswith(PASSING):
            return
        self._forgotten[conversation_id] = None
        if len(self._forgotten) > MOST_FORGOTTEN:
            self._forgotten.popitem(last=False)
        await self._ask(self._delete, conversation_id)

    def _keep(self, sender_id: str, kept: Kept) -> None:
        kept.whole, kept.used = len(kept.tracker.events), time.monotonic()
        self._at_hand[sender_id] = kept
        self._at_hand.move_to_end(sender_id)
        while self._at_hand:
            oldest = next(iter(self._at_hand.values()))
            if len(self._at_hand) <= MOST_AT_HAND and kept.used - oldest.used <= LONGEST_AT_HAND_S:
                return
            self._at_hand.popitem(last=False)

    async def _read(self, sender_id: str, every_session: bool = False) -> tuple[DialogueStateTracker | None, int]:
        """A conversation from the database and the id of its newest event; None for one that is not there."""
        said, newest = await self._ask(self._events, sender_id, every_session)
        tracker = DialogueStateTracker.from_dict(sender_id, said, self.domain.slots) if said else None
        return tracker, newest

    async def _ask(self, query: Callable[..., T], *args: Any) -> T:
        """Run a blocking query in a thread, so that one that hangs holds up its own conversation alone."""
        if time.monotonic() < self._away_until:
            raise Away
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._with_table, lambda: query(*args)
            )
        except sa.exc.SQLAlchemyError as error:
            self._failed(error)
            raise

    def _with_table(self, query: Callable[[], T]) -> T:
        if not self._has_table:
            make_table(self.engine)
            self._has_table = True
        return query()

    def _failed(self, error: Exception) -> None:
        self._has_table = False  # it may be another database that comes back
        self._away_until = time.monotonic() + AWAY_S
        logger.error("the database of conversations is away: %s", type(error).__name__)

    def _newest(self, sender_id: str) -> int:
        with self.engine.connect() as db:
            return db.execute(_NEWEST, {"sender": sender_id}).scalar() or 0

    def _events(self, sender_id: str, every_session: bool) -> tuple[list[dict[str, Any]], int]:
        with self.engine.connect() as db:
            rows = db.execute(_ALL if every_session else _LATEST, {"sender": sender_id}).all()
        return [json.loads(row.data) for row in rows], rows[-1].id if rows else 0

    def _count(self, sender_id: str) -> int:
        return len(self._events(sender_id, every_session=False)[0])

    def _senders(self) -> list[str]:
        with self.engine.connect() as db:
            return list(db.execute(sa.select(events.c.sender_id).distinct()).scalars())

    def _write(self, sender_id: str, rows: list[dict[str, Any]]) -> int:
        with self.engine.begin() as db:
            db.execute(events.insert(), rows)
            return db.execute(_NEWEST, {"sender": sender_id}).scalar_one()

    def _delete(self, sender_id: str) -> None:
        with self.engine.begin() as db:
            db.execute(events.delete().where(events.c.sender_id == sender_id))
        engines.cut_log(self.engine)

    @staticmethod
    def _row(sender_id: str, event: Any) -> dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }


# Statements are made once: making them takes longer than running them.
_HERE = events.c.sender_id == sa.bindparam("sender")
_NEWEST = sa.select(sa.func.max(events.c.id)).where(_HERE)
_ALL = sa.select(events.c.id, events.c.data).where(_HERE).order_by(events.c.id)
_began = sa.select(sa.func.max(events.c.timestamp)).where(_HERE, events.c.type_name == SessionStarted.type_name)
_began = _began.scalar_subquery()
_LATEST = _ALL.where((events.c.timestamp >= _began) | _began.is_(None))
