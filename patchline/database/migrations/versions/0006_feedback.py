"""Helpful or not: what patients say of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("message", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False, nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("message", name="pk_feedback"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_feedback_message", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("feedback")
