"""A whole copy of a SQLite database that is in use, by SQLite's own online backup."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from patchline.privacy.errors import Failed

PAGES = 2000  # at a time, about 8 MB
WAIT_S = 10.0


def copy(source: Path, target: Path, told: Callable[[int], None] = lambda percent: None) -> None:
    """Copy the database as it is at this moment; nobody has to wait for it. Raises `Failed`.

    A read transaction is held from beginning to end. The copy is so of one moment, and is not begun anew whenever
    somebody writes.
    """
    try:
        with contextlib.closing(_open(source)) as live, contextlib.closing(sqlite3.connect(target)) as new:
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(new, pages=PAGES, progress=lambda _, left, all_: told(100 - 100 * left // max(all_, 1)))
            (found,) = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Failed(f"{source} cannot be copied ({type(error).__name__}).") from None
    if found != "ok":
        raise Failed(f"{source} is damaged: SQLite's own check of the copy fails. Keep your older backups.")


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=WAIT_S, isolation_level=None)
