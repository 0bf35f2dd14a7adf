"""The journal's tables.

A message's outcome: NULL (asked, no reply yet: also what a crash leaves) -> answered | timeout | refused | error |
empty (Rasa answered, or why it did not) | local (answered here, Rasa not asked) | person (left to
the person of the clinic who is in the chat). It is written once and stays.
"""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import JSON, NUMBER, metadata

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("greeting", JSON),  # the messages that it began with; NULL once forgotten
    sa.Column("forgotten_at", sa.DateTime),  # only the id is left, so that its token stays closed
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("conversation_id", sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),  # the client's; a retry has the same one
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # cleaned; for a choice, the title of its button
    sa.Column("choice", sa.String(200)),
    sa.Column("flags", JSON),  # what `safety.detect` says of the text, where it says anything
    sa.Column("tier", sa.String(16)),  # a ticket of this tier is due; until the reply, a guess on the safe side
    sa.Column("answered_at", sa.DateTime),
    sa.Column("outcome", sa.String(16)),
    sa.Column("topic", sa.String(200)),
    sa.Column("reply", JSON),  # as the client got it, and gets it again
    sa.Column("nlu", JSON),
    sa.Column("model", sa.String(200)),
    sa.UniqueConstraint("conversation_id", "message_id"),
)

# What patients say of answers; kept for staff, and gone with the message.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("message", sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("helpful", sa.Boolean, nullable=False),  # the latest word counts
    sa.Column("at", sa.DateTime, nullable=False),
)

# Conversations whose tracker Rasa still has to delete.
forget = sa.Table("forget", metadata, sa.Column("conversation_id", sa.String(64), primary_key=True))

# Work that one process of all does now and then ("purge", "backup"): who does it now, and when it was done last.
upkeep = sa.Table(
    "upkeep",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(64)),
    sa.Column("leased_until", sa.DateTime),  # until then it is the owner's; a process that dies is made up for
    sa.Column("done_at", sa.DateTime),
    sa.Column("counts", JSON),  # of what was done, by name
)
