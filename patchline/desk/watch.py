"""Watching for changes: the database is asked once a second for all open pages of the desk together, in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.desk.parts import DatabaseAway, Desk
from patchline.escalation.health import GONE
from patchline.escalation.presence import unanswered
from patchline.escalation.states import OPEN
from patchline.escalation.tables import ticket_events, tickets, workers
from patchline.gateway import logs

EVERY_S = 1.0
# What a nurse must hear: somebody waits anew, or nobody came.
CALLING = ("opened", "raised", "reopened", "exhausted", "wrote")


@dataclass(frozen=True)
class Snapshot:
    """How the tickets stand at a moment."""

    version: str  # another one whenever anything has happened to any ticket
    call: int  # rises whenever a nurse must hear of something
    open: int  # tickets that nobody has
    urgent: int  # of these, crises and emergencies and those that everybody was called for in vain
    writing: int  # patients who wrote to a person of the clinic and wait for an answer
    delivering: bool  # whether a worker tells staff of tickets


class Watch:
    """One for all pages that are open. Nothing is asked while nobody listens."""

    def __init__(self, desk: Desk, every_s: float = EVERY_S):
        self.desk, self.every_s = desk, every_s
        self.listeners = 0
        self._latest: Snapshot | None = None
        self._tick = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Ends all streams, so that none holds up a shutdown."""
        self._closing = True
        self._wake()

    async def snapshots(self) -> AsyncIterator[Snapshot | None]:
        """How it stands, after every look at the database; None when the database did not say.

        Nothing comes while a look takes its time: a page that hears nothing says so loudly.
        """
        self.listeners += 1
        try:
            while not self._closing:
                if self._task is None or self._task.done():
                    self._task = asyncio.create_task(self._look_and_look())
                tick = self._tick
                await tick.wait()
                if not self._closing:
                    yield self._latest
        finally:
            self.listeners -= 1

    async def _look_and_look(self) -> None:
        while self.listeners and not self._closing:
            try:
                self._latest = await self.desk.ask(look, now())
            except DatabaseAway:
                self._latest = None  # which is logged already
            except Exception as error:  # it must go on: nobody else tells the pages
                logs.failure("watch_failed", error)
                self._latest = None
            self._wake()
            await asyncio.sleep(self.every_s)

    def _wake(self) -> None:
        """Let everybody who waits go on; who comes later waits for the next time."""
        self._tick.set()
        self._tick = asyncio.Event()


def look(engine: sa.engine.Engine, now: datetime) -> Snapshot:
    """Blocking; SQLAlchemy's errors come as they are."""
    is_open = tickets.c.state == OPEN
    urgent = is_open & (tickets.c.tier.in_(("crisis", "emergency")) | tickets.c.exhausted_at.is_not(None))
    calling = sa.select(ticket_events.c.id).where(ticket_events.c.action.in_(CALLING))
    with engine.connect() as db:

        def count(table: sa.Table, *where: sa.sql.ColumnElement) -> int:
            return db.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()

        latest = db.execute(sa.select(sa.func.max(ticket_events.c.id))).scalar() or 0
        call = db.execute(calling.order_by(ticket_events.c.id.desc()).limit(1)).scalar() or 0
        counted = count(tickets), count(tickets, is_open), count(tickets, urgent)
        delivering = count(workers, workers.c.seen_at > now - GONE) > 0
    waiting = unanswered(engine)
    version = "-".join(str(number) for number in (latest, counted[0], len(waiting), int(delivering)))
    return Snapshot(version, call, counted[1], counted[2], len(waiting), delivering)
