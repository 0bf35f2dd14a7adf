"""A database with its tables, quickly: a SQLite file that was migrated once is copied."""

from __future__ import annotations

import functools
import shutil
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from patchline.database.migration import migrate


def make_tables(url: str) -> None:
    """As `migrate` on an empty database."""
    database = make_url(url).database
    if url.startswith("sqlite") and not Path(database).exists():
        shutil.copyfile(_migrated(), database)
    else:
        migrate(url)


@functools.cache
def _migrated() -> Path:
    file = Path(tempfile.mkdtemp(prefix="patchline-tables-"), "patchline.db")
    migrate(f"sqlite:///{file}")
    assert not file.with_name("patchline.db-wal").exists()  # all of it stands in the file
    return file
