"""A ticket's history: one line for everything that happens to it, written in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.escalation.case import Happening
from patchline.escalation.states import IN_CHAT
from patchline.escalation.tables import ticket_events, tickets

PATCHLINE, PATIENT = "patchline", "patient"  # actors that are no member of staff
_CHATS = 0x7061  # the class of PostgreSQL's advisory locks that are held for a conversation

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
    if action in IN_CHAT and db.dialect.name == "postgresql":
        chat = sa.select(tickets.c.conversation_id).where(tickets.c.id == ticket_id)
        in_turn(db, db.execute(chat).scalar_one())
    row = {"ticket_id": ticket_id, "at": at, "actor": actor, "action": action, "note": note or None}
    db.execute(ticket_events.insert().values(row))


def in_turn(db: sa.engine.Connection, conversation_id: str) -> None:
    """Wait until no other transaction writes lines of this conversation, and keep the others out until the commit.

    PostgreSQL draws an id when a line is written and shows the line at the commit, so of two transactions the later id
    may be seen first; a chat that goes on after the last id that it saw would never see the other. One after another,
    the ids of a conversation become visible in their order. SQLite has one writer at a time anyhow.
    """
    if db.dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHATS, sa.func.hashtext(conversation_id))))


def read(db: sa.engine.Connection, *where: Any) -> list[Happening]:
    """The lines that a condition on `tickets` and `ticket_events` names, oldest first."""
    return [Happening(*row) for row in db.execute(_QUERY.where(*where).order_by(ticket_events.c.id))]
