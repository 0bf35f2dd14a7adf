"""One case for a conversation: later warning signs join its ticket. And from which network a ticket came, as a hash."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("signs", sa.Integer, nullable=False, server_default="1"))
    op.add_column("tickets", sa.Column("network", sa.String(16)))
    op.add_column("tickets", sa.Column("held_at", sa.DateTime))
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"])
    op.create_table(
        "ticket_messages",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("ticket_id", NUMBER, nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_messages"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_messages_ticket_id", ondelete="CASCADE"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_ticket_messages_conversation_id_message_id"),
    )


def downgrade() -> None:
    op.drop_table("ticket_messages")
    op.drop_index("ix_deliveries_due_at", "deliveries")
    with op.batch_alter_table("tickets") as batch:
        for column in ("held_at", "network", "signs"):
            batch.drop_column(column)
