"""What is older than it may be, and its deletion, a little at a time. Plain and blocking.

A transcript goes when its last message is older than it may be, by the same way as when the patient deletes it. It
stays while a ticket of it is not resolved, because a nurse needs it, and while a warning sign in it is not on record.
A ticket goes when it was resolved long enough ago and its transcript is gone; an open one never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.database.trackers import is_there, last_said
from patchline.escalation.states import RESOLVED
from patchline.escalation.tables import tickets
from patchline.gateway.overlooked import UNRECORDED
from patchline.gateway.records import forget_in, rasa_forgets
from patchline.gateway.tables import conversations, forget, messages
from patchline.settings import Settings

BATCH = 20  # rows a transaction: a patient's message waits behind it
MOST = 10_000  # ids at once in memory
ID = re.compile(r"[\w.-]{1,64}")  # as this installation makes them


@dataclass(frozen=True)
class Limits:
    """What is older than these may go. UTC without a zone."""

    transcripts: datetime  # by the last message
    tickets: datetime  # by when they were resolved; lines of the desk's audit log by when they were written

    @classmethod
    def of(cls, settings: Settings, now: datetime, transcripts_days: int | None = None) -> Limits:
        days = settings.keep_transcripts_days if transcripts_days is None else transcripts_days
        return cls(now - timedelta(days=days), now - timedelta(days=settings.keep_tickets_days))


@dataclass(frozen=True)
class Found:
    """How many rows may go; `oldest` is None for none."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class Kind:
    """One kind of what is kept: its table, what of it may go, as a query for (id, time), and how it goes."""

    name: str
    table: sa.sql.FromClause
    expired: Callable[[Limits], sa.sql.Select]
    delete: Callable[[sa.engine.Connection, Sequence[Any]], None]

    def found(self, engine: sa.engine.Engine, limits: Limits) -> Found:
        return _found(engine, self.expired(limits)) if self.is_there(engine) else Found(0, None)

    def is_there(self, engine: sa.engine.Engine) -> bool:
        with engine.connect() as db:
            there: bool = sa.inspect(db).has_table(self.table.name)
            return there

    def ids(self, engine: sa.engine.Engine, limits: Limits) -> list[Any]:
        """Up to `MOST` of what may go."""
        with engine.connect() as db:
            return list(db.execute(self.expired(limits).limit(MOST)).scalars())

    def delete_batch(self, engine: sa.engine.Engine, limits: Limits, ids: Sequence[Any]) -> int:
        """Delete those of `ids` that may still go, in one transaction. Returns how many those were."""
        here = self.table.c.id.in_(ids)
        with writing(engine) as db:
            # Locked first and asked again then: a patient may have come back, a nurse may have reopened the ticket.
            db.execute(sa.select(self.table.c.id).where(here).order_by(self.table.c.id).with_for_update()).all()
            still = list(db.execute(self.expired(limits).where(here)).scalars())
            if still:
                self.delete(db, still)
            return len(still)


def _expired_transcripts(limits: Limits, held: bool = False) -> sa.sql.Select:
    """`held`: those that would go if all of their tickets were resolved."""
    mine = messages.c.conversation_id == conversations.c.id
    last = sa.select(sa.func.max(messages.c.at)).where(mine).scalar_subquery()
    last = sa.func.coalesce(last, conversations.c.created_at)
    needed = sa.exists().where(tickets.c.conversation_id == conversations.c.id, tickets.c.state != RESOLVED)
    old = (conversations.c.forgotten_at.is_(None)) & (conversations.c.created_at < limits.transcripts)
    old &= (last < limits.transcripts) & (needed if held else ~needed)
    # A message that came in the moment in which its conversation was deleted.
    late = conversations.c.forgotten_at.is_not(None) & sa.exists().where(mine)
    unrecorded = sa.exists().where(mine, UNRECORDED)
    return sa.select(conversations.c.id, last.label("at")).where(old if held else old | late, ~unrecorded)


def _forget(db: sa.engine.Connection, ids: Sequence[str]) -> None:
    for conversation_id in ids:
        forget_in(db, conversation_id)


def _expired_tickets(limits: Limits) -> sa.sql.Select:
    transcript = sa.exists().where(messages.c.conversation_id == tickets.c.conversation_id)
    old = (tickets.c.state == RESOLVED) & (tickets.c.resolved_at < limits.tickets)
    return sa.select(tickets.c.id, tickets.c.resolved_at.label("at")).where(old, ~transcript)


def _delete_tickets(db: sa.engine.Connection, ids: Sequence[int]) -> None:
    db.execute(tickets.delete().where(tickets.c.id.in_(ids)))  # history and deliveries go with them


# The desk's, which this room does not know; a database may be without it.
_audit = sa.table("staff_audit", sa.column("id", sa.Integer), sa.column("at", sa.DateTime))


def _expired_audit(limits: Limits) -> sa.sql.Select:
    return sa.select(_audit.c.id, _audit.c.at.label("at")).where(_audit.c.at < limits.tickets)


def _delete_audit(db: sa.engine.Connection, ids: Sequence[int]) -> None:
    db.execute(_audit.delete().where(_audit.c.id.in_(ids)))


TRANSCRIPTS = Kind("transcripts", conversations, _expired_transcripts, _forget)
TICKETS = Kind("tickets", tickets, _expired_tickets, _delete_tickets)
AUDIT = Kind("audit_lines", _audit, _expired_audit, _delete_audit)
KINDS = (TRANSCRIPTS, TICKETS, AUDIT)  # in this order: a ticket waits for its transcript


def held(engine: sa.engine.Engine, limits: Limits) -> Found:
    """Transcripts that are old enough and stay for a ticket that is not resolved."""
    return _found(engine, _expired_transcripts(limits, held=True))


def strays(engine: sa.engine.Engine, rasa: sa.engine.Engine, limits: Limits) -> Iterator[list[str]]:
    """Conversations that Rasa alone still keeps: deleted ones, and old ones that the journal never knew."""
    if not is_there(rasa):
        return
    before = limits.transcripts.replace(tzinfo=UTC).timestamp()
    for page in last_said(rasa):
        known, asked = _known(engine, [sender for sender, _ in page])
        yield [
            sender
            for sender, at in page
            if sender not in asked and not known.get(sender, at >= before) and ID.fullmatch(sender)
        ]


def forget_strays(engine: sa.engine.Engine, ids: Sequence[str]) -> None:
    """Rasa is asked to delete them, as for every deleted conversation."""
    with engine.begin() as db:
        rasa_forgets(db, ids)


def _known(engine: sa.engine.Engine, ids: Sequence[str]) -> tuple[dict[str, bool], set[str]]:
    """Of some conversations those that the journal knows, with whether they are there still; and whom Rasa has to
    forget already.
    """
    with engine.connect() as db:
        query = sa.select(conversations.c.id, conversations.c.forgotten_at.is_(None))
        known = dict(db.execute(query.where(conversations.c.id.in_(ids))).all())
        asked = set(db.execute(sa.select(forget.c.conversation_id).where(forget.c.conversation_id.in_(ids))).scalars())
    return known, asked


def _found(engine: sa.engine.Engine, query: sa.sql.Select) -> Found:
    rows = query.subquery()
    with engine.connect() as db:
        return Found(*db.execute(sa.select(sa.func.count(), sa.func.min(rows.c.at)).select_from(rows)).one())
