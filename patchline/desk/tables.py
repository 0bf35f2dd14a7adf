"""The tables of staff: who may sign in, who is signed in, and who did what. No patient's words in any of them."""

from __future__ import annotations

import sqlalchemy as sa

from patchline.database.schema import NUMBER, metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("login", sa.String(64), nullable=False),  # small letters
    # As colleagues read it. Tickets name people by it, so nobody has another's.
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # one of accounts.ROLES
    sa.Column("password_hash", sa.String(255), nullable=False),  # argon2id, with its parameters
    # The password was made by somebody else: it is good for one sign-in until then, and must be changed.
    sa.Column("one_time_until", sa.DateTime),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("disabled_at", sa.DateTime),
    sa.Column("seen_at", sa.DateTime),  # the last sign-in
    sa.UniqueConstraint("login"),
    sa.UniqueConstraint("name"),
)

staff_sessions = sa.Table(
    "staff_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),  # SHA-256 of the cookie, which is nowhere else
    sa.Column("staff_id", sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    sa.Index("ix_staff_sessions_staff_id", "staff_id"),
)

# Tries to sign in that did not succeed, for the throttle. The key is a keyed hash of a login or an address: people
# type passwords into the wrong field.
staff_attempts = sa.Table(
    "staff_attempts",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Index("ix_staff_attempts_key_at", "key", "at"),
)

# No foreign keys: what was done stays on record when an account or a ticket is gone.
staff_audit = sa.Table(
    "staff_audit",
    metadata,
    sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("login", sa.String(64)),  # NULL: nobody was signed in
    sa.Column("name", sa.String(100)),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("reference", sa.String(16)),  # of a ticket
    sa.Column("detail", sa.String(200)),  # a code, never words
    sa.Column("address", sa.String(64)),  # where the request came from; NULL: the command line
    sa.Index("ix_staff_audit_at", "at"),
    sa.Index("ix_staff_audit_reference", "reference"),
)
