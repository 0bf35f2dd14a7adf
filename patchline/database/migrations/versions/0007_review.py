"""The review inbox: what staff look through and decide. Patients' words go with the message."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "review_decisions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("login", sa.String(64)),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(200)),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("change", sa.String(64)),
        sa.Column("undone_at", sa.DateTime),
        sa.Column("undone_by", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="pk_review_decisions"),
    )
    op.create_index("ix_review_decisions_at", "review_decisions", ["at"])
    op.create_table(
        "review_items",
        sa.Column("message", NUMBER, autoincrement=False, nullable=False),
        sa.Column("group_id", NUMBER, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("masked", sa.Text, nullable=False),
        sa.Column("topic", sa.String(200)),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("doubt", sa.Float, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("decision", NUMBER),
        sa.PrimaryKeyConstraint("message", name="pk_review_items"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_review_items_message", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["decision"], ["review_decisions.id"], name="fk_review_items_decision", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_review_items_group_id", "review_items", ["group_id"])
    op.create_index("ix_review_items_decision", "review_items", ["decision"])
    op.create_table(
        "review_lines",
        sa.Column("message", NUMBER, autoincrement=False, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("masking", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("message", name="pk_review_lines"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_review_lines_message", ondelete="CASCADE"),
    )
    upkeep = sa.table("upkeep", sa.column("name", sa.String))
    op.bulk_insert(upkeep, [{"name": "review"}])


def downgrade() -> None:
    op.execute("DELETE FROM upkeep WHERE name = 'review'")
    for table in ("review_lines", "review_items", "review_decisions"):
        op.drop_table(table)
