"""Whether the tables are those of this version of the code."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from patchline.database.migration import MIGRATIONS

VERSION_TABLE = "journal_version"  # its name from when the journal was alone; databases in use have it


def versions(engine: sa.engine.Engine) -> tuple[str | None, str]:
    """The version of the tables (None: there are none) and that of the code. SQLAlchemy's errors come as they are."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as db:
        found = MigrationContext.configure(db, opts={"version_table": VERSION_TABLE}).get_current_revision()
    head = cast(str, ScriptDirectory.from_config(config).get_current_head())  # there is a first migration
    return found, head
