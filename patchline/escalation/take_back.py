"""The patient says that a warning sign was a misunderstanding. It is believed and written down; the ticket stays."""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.escalation import history
from patchline.escalation.states import RESOLVED
from patchline.escalation.tables import RED_FLAG, ticket_events, ticket_messages, tickets

TAKEN_BACK = "taken_back"  # what the history says


def take_back(engine: sa.engine.Engine, conversation_id: str) -> int:
    """Note it on every ticket of the conversation that is not resolved; how many those are. Blocking.

    The chain goes on: it is the nurse who decides that nobody has to call.
    """
    mine = (tickets.c.conversation_id == conversation_id) & (tickets.c.kind == RED_FLAG) & (tickets.c.state != RESOLVED)
    with engine.begin() as db:
        found = db.execute(sa.select(tickets.c.id).where(mine).order_by(tickets.c.id)).scalars().all()
        for ticket_id in found:
            history.write(db, ticket_id, now(), history.PATIENT, TAKEN_BACK)
    return len(found)


def taken_back(engine: sa.engine.Engine, conversation_id: str) -> set[str]:
    """The messages whose warning sign the patient has taken back. Blocking."""
    said = sa.select(tickets.c.message_id).join_from(ticket_events, tickets)
    mine = (tickets.c.conversation_id == conversation_id) & (ticket_events.c.action == TAKEN_BACK)
    joined = ticket_messages.join(ticket_events, ticket_messages.c.ticket_id == ticket_events.c.ticket_id)
    more = sa.select(ticket_messages.c.message_id).select_from(joined)
    before = (ticket_messages.c.conversation_id == conversation_id) & (ticket_messages.c.at <= ticket_events.c.at)
    with engine.connect() as db:
        first = db.execute(said.where(mine)).scalars().all()
        return {*first, *db.execute(more.where(before, ticket_events.c.action == TAKEN_BACK)).scalars()}
