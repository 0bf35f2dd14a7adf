"""A flood: more warning signs than a nurse can be called about one by one, most of them likely nobody's.

Whoever plays with the chat must not be able to page nurses without end, and must not hide the one patient who needs
them. So a network has a budget: the first few of its tickets are called about at once, as ever. For what comes after
that, and for nearly everything while unusually much comes from everywhere, calls are bundled: every two minutes a nurse
is called about the most urgent ticket among them, and told how many others wait. Tickets of networks with few go first.
Nothing is dropped: each stays open on the desk until a person has it, and is called about by itself as soon as there is
room again. What a patient reads, and the number, is never touched. Why these figures: docs/decisions/0011-flood.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline.chain import Chain
from patchline.escalation import history
from patchline.escalation.states import OPEN
from patchline.escalation.steps import go_on
from patchline.escalation.tables import deliveries, ticket_events, tickets
from patchline.safety.model import TIERS

WITHIN = timedelta(minutes=10)
OF_NETWORK = 3  # tickets of one network that are called about within that time
BUSY = 20  # tickets of all networks; from there on one of each network, and nobody is called again about the same
FULL = 60  # from there on all calls are bundled
EVERY = timedelta(minutes=2)  # a bundle
MOST_SOURCES = 20  # that the desk shows
FEW = 3  # open tickets of a network that is no part of a flood

BUNDLED = "bundled"
TIER = sa.case({name: -place for place, name in enumerate(TIERS, 1)}, value=tickets.c.tier, else_=0)  # worst first
HELD = (tickets.c.state == OPEN) & tickets.c.held_at.is_not(None)


@dataclass(frozen=True)
class Source:
    """A network from which unusually much comes."""

    network: str
    open: int  # tickets
    since: datetime


def holds(db: sa.engine.Connection, row: Any, at: datetime) -> bool:
    """Whether the next call about an open ticket is to be bundled with those about others."""
    if row.network is None:  # nobody knows whence it came: a message that a dead gateway left behind, or a form
        return False
    lately = (deliveries.c.due_at > at - WITHIN) & tickets.c.network.is_not(None) & (tickets.c.id != row.id)
    called = sa.select(deliveries.c.ticket_id, tickets.c.network).join_from(deliveries, tickets).where(lately)
    called = called.distinct().limit(FULL).subquery()
    ours = sa.func.sum(sa.case((called.c.network == row.network, 1), else_=0))
    count, mine = db.execute(sa.select(sa.func.count(), sa.func.coalesce(ours, 0))).one()
    if count >= FULL or (count >= BUSY and row.chain_step > 0):
        return True
    return bool(mine >= (OF_NETWORK if count < BUSY else 1))


def hold(db: sa.engine.Connection, row: Any, at: datetime) -> None:
    """Nobody is called about it now; it is looked at again with the next bundle."""
    changes = {"held_at": row.held_at or at, "chain_due_at": at + EVERY}
    db.execute(tickets.update().where(tickets.c.id == row.id).values(changes))


def bundle(db: sa.engine.Connection, chain: Chain, at: datetime) -> bool:
    """Call about the most urgent of what is held, on behalf of all, unless that was done lately."""
    last = sa.select(ticket_events.c.at).where(ticket_events.c.action == BUNDLED).order_by(ticket_events.c.id.desc())
    latest = db.execute(last.limit(1)).scalar()
    if latest is not None and latest > at - EVERY:
        return False
    row = db.execute(sa.select(tickets).where(HELD).order_by(*urgency()).limit(1).with_for_update()).first()
    if row is None:
        return False
    history.write(db, row.id, at, history.PATCHLINE, BUNDLED, str(others(db, row.reference)))
    go_on(db, row, chain, at)
    return True


def others(db: sa.engine.Connection, reference: str) -> int:
    """How many other open tickets are not called about one by one."""
    query = sa.select(sa.func.count()).select_from(tickets).where(HELD, tickets.c.reference != reference)
    count: int = db.execute(query).scalar_one()
    return count


def sources(engine: sa.engine.Engine) -> list[Source]:
    """The networks that have more than `FEW` open tickets, those with most first. Blocking."""
    count = sa.func.count().label("count")
    query = sa.select(tickets.c.network, count, sa.func.min(tickets.c.opened_at))
    query = query.where(tickets.c.state == OPEN, tickets.c.network.is_not(None)).group_by(tickets.c.network)
    query = query.having(sa.func.count() > FEW).order_by(count.desc(), tickets.c.network).limit(MOST_SOURCES)
    with engine.connect() as db:
        return [Source(*row) for row in db.execute(query)]


def urgency() -> tuple[Any, ...]:
    """The order of open tickets: the tier, then those of networks with few, then the longest waiting."""
    return TIER, loud(), tickets.c.opened_at, tickets.c.id


def loud() -> Any:
    """1 for a ticket of a network that has more than `FEW` open ones, else 0."""
    same = tickets.alias("same")
    many = sa.select(same.c.network).where(same.c.state == OPEN, same.c.network.is_not(None))
    many = many.group_by(same.c.network).having(sa.func.count() > FEW)
    return sa.case((tickets.c.network.in_(many), 1), else_=0)
