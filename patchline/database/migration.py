"""Brings the tables up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from patchline.database.engines import make_migration_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Make the tables or bring them up to date. Safe when several processes start at once."""
    engine = make_migration_engine(url)
    try:
        with engine.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
