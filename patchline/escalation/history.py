"""A ticket's history: one line for everything that happens to it, written in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.escalation.case import Happening
from patchline.escalation.tables import ticket_events, tickets

PATCHLINE, PATIENT = "patchline", "patient"  # actors that are no member of staff

_QUERY = sa.select(
    ticket_events.c.id,
    tickets.c.reference,
    ticket_events.c.at,
    ticket_events.c.actor,
    ticket_events.c.action,
    ticket_events.c.note,
).join_from(ticket_events, tickets)


def write(
    db: sa.engine.Connection, ticket_id: int, at: datetime, actor: str, action: str, note: str | None = None
) -> None:
    """Add a line."""
    row = {"ticket_id": ticket_id, "at": at, "actor": actor, "action": action, "note": note or None}
    db.execute(ticket_events.insert().values(row))


def read(db: sa.engine.Connection, *where: Any) -> list[Happening]:
    """The lines that a condition on `tickets` and `ticket_events` names, oldest first."""
    return [Happening(*row) for row in db.execute(_QUERY.where(*where).order_by(ticket_events.c.id))]
