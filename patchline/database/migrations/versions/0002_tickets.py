"""Tickets, and for each message the tier of its warning sign."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("messages", sa.Column("tier", sa.String(16)))
    flagged = sa.text("tier IS NOT NULL")
    op.create_index("ix_messages_tier", "messages", ["tier"], sqlite_where=flagged, postgresql_where=flagged)
    op.create_index("ix_messages_at", "messages", ["at"])
    op.create_table(
        "tickets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("categories", sa.JSON),
        sa.Column("triggers", sa.JSON, nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("relative", sa.Boolean, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("said_at", sa.DateTime, nullable=False),
        sa.Column("opened_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("reference", name="uq_tickets_reference"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_tickets_conversation_id_message_id"),
    )


def downgrade() -> None:
    op.drop_table("tickets")
    op.drop_index("ix_messages_at", "messages")
    op.drop_index("ix_messages_tier", "messages")
    op.drop_column("messages", "tier")
