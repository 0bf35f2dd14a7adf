"""The outbox: which deliveries a worker may send, and what became of them. Plain and blocking.

A claim is a lease: until it ends nobody else claims the same delivery, and a worker that dies is made up for when it
ends. What is sent twice after a crash is a nuisance; what is not sent is not acceptable.
"""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline.chain import Chain
from patchline.database.engines import writing
from patchline.escalation import flood, history
from patchline.escalation.channels.channel import SendError
from patchline.escalation.states import CANCELLED, FAILED, LEASED, OPEN, PENDING, SENT
from patchline.escalation.steps import all_failed, go_on
from patchline.escalation.tables import deliveries, delivery_attempts, tickets

LEASE = timedelta(seconds=60)  # well over what a channel may take to send
TIMES = 8  # attempts; about four minutes with the waits between them
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 120.0
LONGEST_RETRY_AFTER_S = 900.0  # however long the other side asks for
MOST = 50  # tickets a round
_FIRST = (flood.TIER, deliveries.c.due_at, deliveries.c.id)


@dataclass(frozen=True)
class Claim:
    """A delivery that this worker alone may send until `lease_until`."""

    id: int
    lease: str
    lease_until: datetime
    reference: str
    contact: str
    channel: str
    step: int
    attempts: int  # this one included


def go_on_where_due(engine: sa.engine.Engine, chain: Chain, now: datetime) -> int:
    """Write the next deliveries of the tickets whose chain is due, the most urgent first. Returns how many those were.

    In a flood calls are bundled (see `flood`).
    """
    due = (tickets.c.state == OPEN) & (tickets.c.chain_due_at <= now)
    query = sa.select(tickets).where(due).order_by(*flood.urgency()).limit(MOST)
    with engine.connect() as db:
        if db.execute(query.limit(1)).first() is None:  # no write lock for nothing
            return 0
    with writing(engine) as db:
        rows = db.execute(query.with_for_update(skip_locked=True)).all()
        for row in rows:
            if flood.holds(db, row, now):
                flood.hold(db, row, now)
            else:
                go_on(db, row, chain, now)
        flood.bundle(db, chain, now)
        return len(rows)


def claim(engine: sa.engine.Engine, now: datetime, most: int) -> list[Claim]:
    """Lease up to `most` deliveries that are due, or whose lease has ended: by tier, then the oldest."""
    ready = (deliveries.c.state == PENDING) & (deliveries.c.due_at <= now)
    left = (deliveries.c.state == LEASED) & (deliveries.c.lease_until <= now)
    query = sa.select(deliveries.c.id).join_from(deliveries, tickets).where(ready | left).order_by(*_FIRST).limit(most)
    with engine.connect() as db:
        if db.execute(query.limit(1)).first() is None:
            return []
    lease, until = secrets.token_hex(16), now + LEASE
    changes = {"state": LEASED, "lease_owner": lease, "lease_until": until, "attempts": deliveries.c.attempts + 1}
    with writing(engine) as db:
        numbers = db.execute(query.with_for_update(of=deliveries, skip_locked=True)).scalars().all()
        db.execute(deliveries.update().where(deliveries.c.id.in_(numbers)).values(changes))
        return _claims(db, lease, until)


def _claims(db: sa.engine.Connection, lease: str, until: datetime) -> list[Claim]:
    columns = (deliveries.c.id, tickets.c.reference, *(deliveries.c[name] for name in ("contact", "channel", "step")))
    query = sa.select(*columns, deliveries.c.attempts).join_from(deliveries, tickets)
    rows = db.execute(query.where(deliveries.c.lease_owner == lease).order_by(*_FIRST))
    return [Claim(row[0], lease, until, *row[1:]) for row in rows]


def sent(engine: sa.engine.Engine, claim: Claim, now: datetime) -> bool:
    """The channel took it. False when the lease was lost meanwhile; it is on record all the same."""
    with writing(engine) as db:
        ticket = _ticket(db, claim)
        changes = {"state": SENT, "sent_at": now, "lease_owner": None, "lease_until": None}
        mine: bool = db.execute(deliveries.update().where(_leased(claim)).values(changes)).rowcount > 0
        _attempt(db, claim, now, "sent", "sent")
        history.write(db, ticket.id, now, history.PATCHLINE, "delivered", f"{claim.contact} ({claim.channel})")
        return mine


def not_sent(engine: sa.engine.Engine, claim: Claim, error: SendError, now: datetime) -> str:
    """Tried again later, or failed for good. Returns the delivery's state.

    When nothing of the ticket's latest step can arrive any more, the chain goes on at once.
    """
    final = error.permanent or claim.attempts >= TIMES
    with writing(engine) as db:
        ticket = _ticket(db, claim)
        over = final or ticket.state != OPEN  # somebody has it: nothing is sent again
        state = FAILED if over else PENDING
        changes = {"state": state, "lease_owner": None, "lease_until": None}
        wait_s = _wait_s(claim.attempts, error.retry_after_s)
        mine = db.execute(
            deliveries.update().where(_leased(claim)).values(changes | {"due_at": now + timedelta(seconds=wait_s)})
        ).rowcount
        _attempt(db, claim, now, "failed" if over else "retry", error.code, error.retry_after_s)
        if mine and over:
            note = f"{claim.contact} ({claim.channel}): {error.code}"
            history.write(db, ticket.id, now, history.PATCHLINE, "failed", note)
            if ticket.state == OPEN and all_failed(db, ticket):
                db.execute(tickets.update().where(tickets.c.id == ticket.id).values(chain_due_at=now))
        return state


def give_back(engine: sa.engine.Engine, claim: Claim, now: datetime) -> None:
    """It was claimed and not tried: another worker may have it at once."""
    _untried(engine, claim, {"state": PENDING, "due_at": now, "attempts": deliveries.c.attempts - 1})


def cancel(engine: sa.engine.Engine, claim: Claim) -> None:
    """It was claimed while somebody acknowledged: it is not needed any more."""
    _untried(engine, claim, {"state": CANCELLED})


def _untried(engine: sa.engine.Engine, claim: Claim, changes: dict[str, Any]) -> None:
    changes |= {"lease_owner": None, "lease_until": None}
    with writing(engine) as db:
        db.execute(deliveries.update().where(_leased(claim)).values(changes))


def _leased(claim: Claim) -> Any:
    return (deliveries.c.id == claim.id) & (deliveries.c.state == LEASED) & (deliveries.c.lease_owner == claim.lease)


def _ticket(db: sa.engine.Connection, claim: Claim) -> Any:
    """The ticket's row, locked: always before its deliveries, so that no two transactions wait for each other."""
    return db.execute(sa.select(tickets).where(tickets.c.reference == claim.reference).with_for_update()).one()


def _attempt(
    db: sa.engine.Connection, claim: Claim, at: datetime, outcome: str, code: str, retry_after_s: float | None = None
) -> None:
    row = {"delivery_id": claim.id, "at": at, "outcome": outcome, "code": code[:64], "retry_after_s": retry_after_s}
    db.execute(delivery_attempts.insert().values(row))


def _wait_s(attempts: int, retry_after_s: float | None) -> float:
    """Twice as long after each attempt, with jitter, so that what failed together does not come back together."""
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (attempts - 1))
    wait_s = random.uniform(longest / 2, longest)
    return max(wait_s, min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S))
