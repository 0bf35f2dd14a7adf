"""Tickets: an escalation on record, once for each message. Plain and blocking; SQLAlchemy's errors come as they are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from patchline.database.schema import now
from patchline.escalation.escalation import Escalation, merged
from patchline.escalation.reference import new_reference
from patchline.escalation.tables import OPEN, RED_FLAG, tickets

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CONTENT = tuple(Escalation.__dataclass_fields__)
_LISTS = ("categories", "triggers")
DRAWS = 20  # of a reference that nobody has yet


@dataclass(frozen=True)
class Ticket:
    """An escalation that was committed."""

    reference: str
    state: str
    opened_at: datetime
    escalation: Escalation


def open_ticket(engine: sa.engine.Engine, escalation: Escalation) -> Ticket:
    """Put an escalation on record, in one transaction. The ticket is on the disk when this returns.

    A second call for the same message returns the first one's ticket, with what the second knows added to it: a higher
    tier raises the ticket's, a lower one changes nothing.
    """
    with engine.begin() as db:
        for _ in range(DRAWS):
            # Nothing is inserted where the message has a ticket. The query sees to that and not a violated constraint:
            # a server writes the statement that failed, the patient's words in it, to its own log.
            row = _row(escalation) | {
                "reference": new_reference(),
                "kind": RED_FLAG,
                "state": OPEN,
                "opened_at": now(),
            }
            if db.execute(_INSERT[engine.dialect.name](tickets).values(row).on_conflict_do_nothing()).rowcount:
                return Ticket(row["reference"], OPEN, row["opened_at"], escalation)
            found = db.execute(sa.select(tickets).where(_of_message(escalation)).with_for_update()).first()
            if found:
                return _with(db, found, escalation)
    raise RuntimeError("no reference is free")


def tickets_of(engine: sa.engine.Engine, conversation_id: str) -> dict[str, Ticket]:
    """A conversation's tickets by message id, oldest first."""
    query = sa.select(tickets).where(tickets.c.conversation_id == conversation_id).order_by(tickets.c.id)
    with engine.connect() as db:
        return {row.message_id: _ticket(row) for row in db.execute(query)}


def _with(db: sa.engine.Connection, row: Any, escalation: Escalation) -> Ticket:
    """The ticket of a row, after what `escalation` adds to it was written."""
    ticket = _ticket(row)
    whole = merged(ticket.escalation, escalation)
    if whole == ticket.escalation:
        return ticket
    db.execute(tickets.update().where(tickets.c.id == row.id).values(_row(whole)))
    return Ticket(ticket.reference, ticket.state, ticket.opened_at, whole)


def _of_message(escalation: Escalation) -> Any:
    this = tickets.c.conversation_id == escalation.conversation_id
    return this & (tickets.c.message_id == escalation.message_id)


def _row(escalation: Escalation) -> dict[str, Any]:
    row = asdict(escalation)
    return row | {name: None if row[name] is None else list(row[name]) for name in _LISTS}


def _ticket(row: Any) -> Ticket:
    known = {name: getattr(row, name) for name in _CONTENT}
    known |= {name: None if known[name] is None else tuple(known[name]) for name in _LISTS}
    return Ticket(row.reference, row.state, row.opened_at, Escalation(**known))
