"""Tickets: escalations and wishes on record, once for each message. Plain and blocking; SQLAlchemy's errors come as
they are.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from patchline.chain import Chain, urgency_of
from patchline.database.schema import now
from patchline.escalation import history, states
from patchline.escalation.desk_api import waiting
from patchline.escalation.escalation import Escalation, merged
from patchline.escalation.reference import new_reference
from patchline.escalation.states import OPEN, PENDING
from patchline.escalation.steps import go_on
from patchline.escalation.tables import RED_FLAG, deliveries, tickets
from patchline.escalation.wish import Wish

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CONTENT = tuple(Escalation.__dataclass_fields__)
_LISTS = ("categories", "triggers")
DRAWS = 20  # of a reference that nobody has yet


@dataclass(frozen=True)
class Ticket:
    """A ticket that was committed, with what it is about: an `Escalation`, or a `Wish` from a form."""

    reference: str
    state: str
    opened_at: datetime
    escalation: Escalation | None = None
    wish: Wish | None = None


def open_ticket(engine: sa.engine.Engine, escalation: Escalation, chain: Chain | None = None) -> Ticket:
    """Put an escalation on record, in one transaction with the first deliveries. On the disk when this returns.

    Without a chain at hand the worker, which has one, writes the deliveries: the ticket says that they are due.

    A second call for the same message returns the first one's ticket, with what the second knows added to it: a higher
    tier raises the ticket's and calls again, a lower one changes nothing.
    """
    with engine.begin() as db:
        row, new = _opened(db, _row(escalation) | {"kind": RED_FLAG}, chain)
        return _ticket(row) if new else _with(db, row, escalation, chain)


def open_wish(engine: sa.engine.Engine, wish: Wish, chain: Chain | None = None) -> Ticket:
    """Put a wish on record, in one transaction with the first deliveries. On the disk when this returns.

    A second call for the same message returns the first one's ticket as it is.
    """
    with engine.begin() as db:
        row, _ = _opened(db, asdict(wish) | {"source": "form", "triggers": [], "late": False}, chain)
        return Ticket(row.reference, row.state, row.opened_at, wish=wish)


def tickets_of(engine: sa.engine.Engine, conversation_id: str) -> dict[str, Ticket]:
    """A conversation's tickets of warning signs by message id, oldest first."""
    mine = (tickets.c.conversation_id == conversation_id) & (tickets.c.kind == RED_FLAG)
    with engine.connect() as db:
        return {row.message_id: _ticket(row) for row in db.execute(sa.select(tickets).where(mine).order_by("id"))}


def _opened(db: sa.engine.Connection, about: dict[str, Any], chain: Chain | None) -> tuple[Any, bool]:
    """The row of a message's ticket, and whether it is a new one."""
    this = [tickets.c[name] == about[name] for name in ("conversation_id", "message_id", "kind")]
    for _ in range(DRAWS):
        # Nothing is inserted where the message has a ticket. The query sees to that and not a violated constraint:
        # a server writes the statement that failed, the patient's words in it, to its own log.
        at = now()
        row = about | {"reference": new_reference(), "state": OPEN, "opened_at": at}
        row |= {"chain_due_at": at, "chain_round": 1, "chain_step": 0}
        new = db.execute(_INSERT[db.dialect.name](tickets).values(row).on_conflict_do_nothing()).rowcount > 0
        found = db.execute(sa.select(tickets).where(*this).with_for_update()).first()
        if new:
            history.write(db, found.id, at, history.PATIENT, "opened")
            if chain:
                go_on(db, found, chain, at)
        if found:
            return found, new
    raise RuntimeError("no reference is free")


def _with(db: sa.engine.Connection, row: Any, escalation: Escalation, chain: Chain | None) -> Ticket:
    """The ticket of a row, after what `escalation` adds to it was written."""
    ticket = _ticket(row)
    whole = merged(ticket.escalation, escalation)
    if whole == ticket.escalation:
        return ticket
    raised = _raised(db, row, whole.tier, chain, now()) if whole.tier != row.tier else {}
    db.execute(tickets.update().where(tickets.c.id == row.id).values(_row(whole) | raised))
    return Ticket(ticket.reference, raised.get("state", row.state), ticket.opened_at, whole)


def _raised(db: sa.engine.Connection, row: Any, tier: str, chain: Chain | None, at: datetime) -> dict[str, Any]:
    """The columns of a ticket that turned out to be worse: who was called about it is called again."""
    history.write(db, row.id, at, history.PATCHLINE, "raised", f"from {row.tier}")
    state = states.after(row.state, "raised", row.reference)
    if row.state != OPEN:
        return {"state": state} | waiting(at)
    latest = (deliveries.c.ticket_id == row.id) & (deliveries.c.step == row.chain_step)
    unsent = set(db.execute(sa.select(deliveries.c.state).where(latest)).scalars()) == {PENDING}
    if not unsent:
        return {"state": state, "chain_due_at": at}
    # What nobody has seen yet will name the higher tier by itself; only the wait after it may be too long.
    due = min(row.chain_due_at, chain.next_call(urgency_of(tier), at)) if chain else row.chain_due_at
    return {"state": state, "chain_due_at": due}


def _row(escalation: Escalation) -> dict[str, Any]:
    row = asdict(escalation)
    return row | {name: None if row[name] is None else list(row[name]) for name in _LISTS}


def _ticket(row: Any) -> Ticket:
    known = {name: getattr(row, name) for name in _CONTENT}
    known |= {name: None if known[name] is None else tuple(known[name]) for name in _LISTS}
    return Ticket(row.reference, row.state, row.opened_at, Escalation(**known))
