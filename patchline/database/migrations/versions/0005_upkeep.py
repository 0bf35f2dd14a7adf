"""Work that one process of all does now and then, and when it was done last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("done_at", sa.DateTime),
        sa.Column("counts", sa.JSON),
        sa.PrimaryKeyConstraint("name", name="pk_upkeep"),
    )
    op.execute("INSERT INTO upkeep (name) VALUES ('purge'), ('backup')")


def downgrade() -> None:
    op.drop_table("upkeep")
