"""What all tables share. Times are UTC without a zone, which every database keeps alike."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
JSON = sa.JSON(none_as_null=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts rows up only for its own integer type


def now() -> datetime:
    """UTC without a zone, as the tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)
