"""The chain goes on: the next contact's deliveries are written, or the end of the chain is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.chain import Chain, Contact, urgency_of
from patchline.escalation import history
from patchline.escalation.states import FAILED, PENDING
from patchline.escalation.tables import deliveries, tickets


def go_on(db: sa.engine.Connection, row: Any, chain: Chain, now: datetime) -> None:
    """Call the next contact of an open ticket whose chain is due. `row` is its row, locked by this transaction."""
    urgency = urgency_of(row.tier)
    if opening := chain.rests_until(urgency, now):
        return _update(db, row, chain_due_at=opening, held_at=None)
    called, unreachable = _so_far(db, row)
    contact = chain.next_contact(now, called, unreachable)
    if contact is None:
        history.write(db, row.id, now, history.PATCHLINE, "exhausted")
        return _update(db, row, exhausted_at=now, chain_round=row.chain_round + 1, chain_due_at=chain.new_round(now))
    step = row.chain_step + 1
    db.execute(deliveries.insert(), [_delivery(row, contact, channel, step, now) for channel in contact.channels])
    _update(db, row, chain_step=step, chain_due_at=chain.next_call(urgency, now), held_at=None)


def all_failed(db: sa.engine.Connection, row: Any) -> bool:
    """Whether nothing of the ticket's latest step can arrive any more."""
    latest = (deliveries.c.ticket_id == row.id) & (deliveries.c.step == row.chain_step)
    return set(db.execute(sa.select(deliveries.c.state).where(latest)).scalars()) == {FAILED}


def _so_far(db: sa.engine.Connection, row: Any) -> tuple[list[str], set[str]]:
    """Who was called in this round, once for each time; and who of them cannot be reached."""
    this = (deliveries.c.ticket_id == row.id) & (deliveries.c.round == row.chain_round)
    query = sa.select(deliveries.c.step, deliveries.c.contact, deliveries.c.state).where(this)
    steps: dict[tuple[int, str], set[str]] = {}
    for step, contact, state in db.execute(query.order_by(deliveries.c.step)):
        steps.setdefault((step, contact), set()).add(state)
    return [contact for _, contact in steps], set(_failed(steps.items()))


def _failed(steps: Iterable[tuple[tuple[int, str], set[str]]]) -> Iterable[str]:
    return (contact for (_, contact), found in steps if found == {FAILED})


def _delivery(row: Any, contact: Contact, channel: str, step: int, now: datetime) -> dict[str, Any]:
    return {
        "ticket_id": row.id,
        "contact": contact.name,
        "channel": channel,
        "round": row.chain_round,
        "step": step,
        "due_at": now,
        "state": PENDING,
        "attempts": 0,
    }


def _update(db: sa.engine.Connection, row: Any, **changes: Any) -> None:
    db.execute(tickets.update().where(tickets.c.id == row.id).values(**changes))
