"""Whether answers helped: what patients say of a reply, kept for staff. Plain and blocking, as the journal's queries.

A reply is named by the message that it answers. The latest word counts; it goes when the message goes.
"""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.gateway.tables import feedback, messages


def keep(engine: sa.engine.Engine, conversation_id: str, message_id: str, helpful: bool) -> bool:
    """Write it down. False when the conversation has no such message, or it has no reply yet."""
    this = (messages.c.conversation_id == conversation_id) & (messages.c.message_id == message_id)
    answered = sa.select(messages.c.id).where(this, messages.c.reply.is_not(None))
    said = {"helpful": helpful, "at": now()}
    with engine.begin() as db:
        message = db.execute(answered).scalar()
        if message is None:
            return False
        if not db.execute(feedback.update().where(feedback.c.message == message).values(said)).rowcount:
            db.execute(feedback.insert(), {"message": message, **said})
    return True


def of_conversation(engine: sa.engine.Engine, conversation_id: str) -> dict[str, bool]:
    """What was said of a conversation's replies, by the id of the message that each answers."""
    query = (
        sa.select(messages.c.message_id, feedback.c.helpful)
        .join(messages, messages.c.id == feedback.c.message)
        .where(messages.c.conversation_id == conversation_id)
    )
    with engine.connect() as db:
        return dict(db.execute(query).all())
