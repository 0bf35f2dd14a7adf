"""The journal: conversations, messages, and what Rasa still has to forget."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("greeting", sa.JSON),
        sa.Column("forgotten_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("choice", sa.String(200)),
        sa.Column("flags", sa.JSON),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("outcome", sa.String(16)),
        sa.Column("topic", sa.String(200)),
        sa.Column("reply", sa.JSON),
        sa.Column("nlu", sa.JSON),
        sa.Column("model", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_messages_conversation_id_message_id"),
    )
    op.create_table(
        "forget",
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_forget"),
    )


def downgrade() -> None:
    op.drop_table("forget")
    op.drop_table("messages")
    op.drop_table("conversations")
