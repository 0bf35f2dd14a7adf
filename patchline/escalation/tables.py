"""The tables of tickets and deliveries. Their states stand in `patchline.escalation.states`.

A ticket is made once for each message and kind; a later report of the same message may raise its tier and add what it
knows, and never lowers it. A later warning sign of the same conversation joins its ticket in the same way.
"""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import JSON, NUMBER, metadata

RED_FLAG, CALLBACK, APPOINTMENT, QUESTION = "red_flag", "callback", "appointment", "question"
KINDS = (RED_FLAG, CALLBACK, APPOINTMENT, QUESTION)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(16), nullable=False),  # what people say: "PL-7K3F9"
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("tier", sa.String(16)),  # of a red flag; NULL for the other kinds
    sa.Column("categories", JSON),  # NULL until somebody with the rules at hand has looked
    sa.Column("triggers", JSON, nullable=False),  # the patient's words
    sa.Column("source", sa.String(8), nullable=False),  # rules | model | both | choice | form
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("relative", sa.Boolean, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),  # found after the patient had been answered without it
    # No foreign key: a deleted conversation leaves its tickets, which are part of the clinic's record.
    sa.Column("conversation_id", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("said_at", sa.DateTime, nullable=False),
    sa.Column("opened_at", sa.DateTime, nullable=False),
    # What a patient gave in a form. Telephone numbers are E.164, e.g. "+12025550142".
    sa.Column("name", sa.String(200)),
    sa.Column("phone", sa.String(20)),
    sa.Column("best_time", sa.String(200)),
    sa.Column("details", sa.Text),  # the question, or what the appointment is for
    sa.Column("consent_at", sa.DateTime),
    # Who has it.
    sa.Column("assigned_to", sa.String(200)),
    sa.Column("acknowledged_by", sa.String(200)),
    sa.Column("acknowledged_at", sa.DateTime),
    sa.Column("resolved_at", sa.DateTime),
    # The chain: when it goes on, its round (from 1) and step (from 0: nobody was called yet), and when it last came to
    # its end without anybody; NULL due: it is still.
    sa.Column("chain_due_at", sa.DateTime),
    sa.Column("chain_round", sa.Integer, nullable=False),
    sa.Column("chain_step", sa.Integer, nullable=False),
    sa.Column("exhausted_at", sa.DateTime),
    # Against a flood: how many messages with a sign it stands for, whence they came (`source.py`), and since when calls
    # about it are bundled with those about others.
    sa.Column("signs", sa.Integer, nullable=False, server_default="1"),
    sa.Column("network", sa.String(16)),
    sa.Column("held_at", sa.DateTime),
    sa.UniqueConstraint("reference"),
    sa.UniqueConstraint("conversation_id", "message_id", "kind"),
)

# The messages whose warning sign joined a ticket that there was already.
ticket_messages = sa.Table(
    "ticket_messages",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    sa.Column("conversation_id", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(64), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("tier", sa.String(16), nullable=False),  # of this message alone
    sa.Column("complete", sa.Boolean, nullable=False),  # somebody with the rules at hand has looked
    sa.UniqueConstraint("conversation_id", "message_id"),
)

ticket_events = sa.Table(
    "ticket_events",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),  # a name, "patient", or "patchline"
    sa.Column("action", sa.String(16), nullable=False),  # one of states.ACTIONS
    sa.Column("note", sa.Text),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("ticket_id", sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    sa.Column("contact", sa.String(200), nullable=False),  # a name of the chain, e.g. "Nurse on call"
    sa.Column("channel", sa.String(64), nullable=False),  # the name of a channel; its address is a secret setting
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),  # of the ticket, from 1; one step may use several channels
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("lease_owner", sa.String(64)),  # drawn for each claim
    sa.Column("lease_until", sa.DateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("sent_at", sa.DateTime),
    sa.UniqueConstraint("ticket_id", "step", "channel"),
    sa.Index("ix_deliveries_state_due_at", "state", "due_at"),
    sa.Index("ix_deliveries_due_at", "due_at"),
)

delivery_attempts = sa.Table(
    "delivery_attempts",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("delivery_id", sa.ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),  # sent | retry | failed
    sa.Column("code", sa.String(64), nullable=False),  # e.g. "http_503"; never a word of a patient
    sa.Column("retry_after_s", sa.Float),  # what the other side asked for
)

# Which workers there are: each says so every few seconds.
workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
)
