"""The table of tickets.

A ticket's state: open. It is made once for each message with a warning sign; a later report of the same message may
raise its tier and add what it knows, and never lowers it.
"""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import JSON, NUMBER, metadata

OPEN = "open"
RED_FLAG = "red_flag"

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(16), nullable=False),  # what people say: "PL-7K3F9"
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("tier", sa.String(16), nullable=False),
    sa.Column("categories", JSON),  # NULL until somebody with the rules at hand has looked
    sa.Column("triggers", JSON, nullable=False),  # the patient's words
    sa.Column("source", sa.String(8), nullable=False),  # rules | model | both | choice
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("relative", sa.Boolean, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),  # found after the patient had been answered without it
    # No foreign key: a deleted conversation leaves its tickets, which are part of the clinic's record.
    sa.Column("conversation_id", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("said_at", sa.DateTime, nullable=False),
    sa.Column("opened_at", sa.DateTime, nullable=False),
    sa.UniqueConstraint("reference"),
    sa.UniqueConstraint("conversation_id", "message_id"),
)
