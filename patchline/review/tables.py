"""What is kept of the review. Patients' words stand only in rows that go with the message: `ON DELETE CASCADE`.

What staff chose to teach is in the workspace's files, in masked words, and is theirs.
"""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import JSON, NUMBER, metadata

# What staff decided, without a word of a patient. It stays when the messages go.
review_decisions = sa.Table(
    "review_decisions",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("login", sa.String(64)),  # NULL: by a command
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("act", sa.String(16), nullable=False),  # one of acts.ACTS
    sa.Column("topic", sa.String(200)),  # what was taught, as a full intent
    sa.Column("messages", sa.Integer, nullable=False),  # how many
    sa.Column("change", sa.String(64)),  # the workspace's commit; NULL: nothing was written
    sa.Column("undone_at", sa.DateTime),
    sa.Column("undone_by", sa.String(100)),
    sa.Index("ix_review_decisions_at", "at"),
)

# A message that is worth a look. Open until it has a decision.
review_items = sa.Table(
    "review_items",
    metadata,
    sa.Column("message", sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("group_id", NUMBER, nullable=False),  # messages that mean the same; the id of the first of them
    sa.Column("reasons", JSON, nullable=False),  # of picking.REASONS
    sa.Column("masked", sa.Text, nullable=False),
    sa.Column("topic", sa.String(200)),  # what the serving model took it for at the last scan
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("doubt", sa.Float, nullable=False),  # 0 to 1
    sa.Column("vector", sa.LargeBinary, nullable=False),  # of the sentence encoder, float16
    sa.Column("model", sa.String(64), nullable=False),  # whose eyes saw it so
    sa.Column("decision", sa.ForeignKey("review_decisions.id", ondelete="SET NULL")),
    sa.Index("ix_review_items_group_id", "group_id"),
    sa.Index("ix_review_items_decision", "decision"),
)

# The chats beside: every message of a conversation in which one is worth a look, masked.
review_lines = sa.Table(
    "review_lines",
    metadata,
    sa.Column("message", sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("answers", JSON, nullable=False),  # texts
    sa.Column("masking", sa.Integer, nullable=False),  # masking.VERSION
)
