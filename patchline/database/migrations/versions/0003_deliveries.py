"""What becomes of tickets: their history, who has them, contact data, and the deliveries of the chain."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column("tier", existing_type=sa.String(16), nullable=True)
        tickets.drop_constraint("uq_tickets_conversation_id_message_id", type_="unique")
        tickets.create_unique_constraint(
            "uq_tickets_conversation_id_message_id_kind", ["conversation_id", "message_id", "kind"]
        )
        tickets.add_column(sa.Column("name", sa.String(200)))
        tickets.add_column(sa.Column("phone", sa.String(20)))
        tickets.add_column(sa.Column("best_time", sa.String(200)))
        tickets.add_column(sa.Column("details", sa.Text))
        tickets.add_column(sa.Column("consent_at", sa.DateTime))
        tickets.add_column(sa.Column("assigned_to", sa.String(200)))
        tickets.add_column(sa.Column("acknowledged_by", sa.String(200)))
        tickets.add_column(sa.Column("acknowledged_at", sa.DateTime))
        tickets.add_column(sa.Column("resolved_at", sa.DateTime))
        tickets.add_column(sa.Column("chain_due_at", sa.DateTime))
        tickets.add_column(sa.Column("chain_round", sa.Integer, nullable=False, server_default="1"))
        tickets.add_column(sa.Column("chain_step", sa.Integer, nullable=False, server_default="0"))
        tickets.add_column(sa.Column("exhausted_at", sa.DateTime))
    # Tickets from before there was a chain: somebody has to be told of them, too.
    op.execute("UPDATE tickets SET chain_due_at = opened_at WHERE state = 'open'")
    op.create_index("ix_tickets_state_chain_due_at", "tickets", ["state", "chain_due_at"])
    op.create_table(
        "ticket_events",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("ticket_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_events"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_events_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_ticket_events_ticket_id", "ticket_events", ["ticket_id"])
    op.execute(
        "INSERT INTO ticket_events (ticket_id, at, actor, action)"
        " SELECT id, opened_at, 'patient', 'opened' FROM tickets"
    )
    op.create_table(
        "deliveries",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("ticket_id", NUMBER, nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_deliveries_ticket_id", ondelete="CASCADE"),
        sa.UniqueConstraint("ticket_id", "step", "channel", name="uq_deliveries_ticket_id_step_channel"),
    )
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"])
    op.create_table(
        "delivery_attempts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("delivery_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("retry_after_s", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempts"),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name="fk_delivery_attempts_delivery_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_delivery_attempts_delivery_id", "delivery_attempts", ["delivery_id"])
    op.create_table(
        "workers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("seen_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
    )


def downgrade() -> None:
    for table in ("workers", "delivery_attempts", "deliveries", "ticket_events"):
        op.drop_table(table)
    op.drop_index("ix_tickets_state_chain_due_at", "tickets")
    op.execute("DELETE FROM tickets WHERE kind != 'red_flag'")  # 0002 knows no others
    with op.batch_alter_table("tickets") as tickets:
        tickets.drop_constraint("uq_tickets_conversation_id_message_id_kind", type_="unique")
        tickets.create_unique_constraint("uq_tickets_conversation_id_message_id", ["conversation_id", "message_id"])
        tickets.alter_column("tier", existing_type=sa.String(16), nullable=False)
        for column in (
            "name phone best_time details consent_at assigned_to acknowledged_by acknowledged_at resolved_at"
            " chain_due_at chain_round chain_step exhausted_at"
        ).split():
            tickets.drop_column(column)
