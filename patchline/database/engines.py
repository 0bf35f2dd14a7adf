"""Engines: SQLite or PostgreSQL, set so that no committed message is lost and no patient waits on a lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool

from patchline.settings import Settings, SettingsError

THREADS = 8  # and so connections, of one gateway
LOCK_WAIT_S = 0.5  # a patient waits behind this
UPKEEP_LOCK_WAIT_S = 10.0
MIGRATION_LOCK_WAIT_S = 30.0
CUT_TRIES = 3  # each waits for the lock


def url_of(settings: Settings) -> str:
    """The database's URL. Raises `SettingsError` for one that cannot be read."""
    url = settings.database_url or f"sqlite:///{settings.var / 'patchline.db'}"
    try:
        sa.engine.make_url(url).get_dialect()
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        message = "PATCHLINE_DATABASE_URL must be a SQLAlchemy URL, e.g. postgresql://user@host/patchline"
        raise SettingsError(message) from None  # the URL is not repeated: it may hold a password
    return url


def make_engine(url: str, lock_wait_s: float = LOCK_WAIT_S) -> sa.engine.Engine:
    """An engine that waits as long as a patient may. Nothing connects before the first query."""
    return _engine(url, lock_wait_s, poolclass=QueuePool, pool_size=THREADS, max_overflow=0, pool_timeout=lock_wait_s)


def make_upkeep_engine(url: str) -> sa.engine.Engine:
    """An engine for work in the background: its queries may take longer, and it waits longer behind others."""
    return _engine(url, UPKEEP_LOCK_WAIT_S, poolclass=NullPool)


def make_migration_engine(url: str) -> sa.engine.Engine:
    """An engine for migrations, which may wait longer. Makes the folder of a SQLite file."""
    _make_folder(sa.engine.make_url(url))
    engine = _engine(url, MIGRATION_LOCK_WAIT_S, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_whole_transactions)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


@contextlib.contextmanager
def writing(engine: sa.engine.Engine) -> Iterator[sa.engine.Connection]:
    """A transaction that reads in order to write: what it reads stays so until it is over.

    On SQLite it holds the write lock from its beginning; on PostgreSQL its queries lock their rows (`with_for_update`).
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def cut_log(engine: sa.engine.Engine) -> bool:
    """Empty SQLite's write-ahead log, in which deleted words would still stand.

    False where others are at the database all the time: they stand there until a later call succeeds.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as db:
        for _ in range(CUT_TRIES):
            (busy, *_) = db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if not busy:
                return True
    return False


def _engine(url: str, lock_wait_s: float, **pool: Any) -> sa.engine.Engine:
    # hide_parameters: without it, the message of a database error quotes the patient.
    options = {"future": True, "hide_parameters": True, **pool}
    if sa.engine.make_url(url).get_backend_name() == "sqlite":
        connect: dict[str, Any] = {"timeout": lock_wait_s, "check_same_thread": False}
        engine = sa.create_engine(url, connect_args=connect, **options)
        sa.event.listen(engine, "connect", _sqlite_pragmas)
        _leave_deleted_files(engine)
        return engine
    waits = f"-c lock_timeout={int(lock_wait_s * 1000)} -c statement_timeout={int(lock_wait_s * 4000)}"
    connect = {"connect_timeout": 2, "tcp_user_timeout": 3000, "options": waits}
    engine = sa.create_engine(url, connect_args=connect, pool_pre_ping=True, **options)
    sa.event.listen(engine, "handle_error", _without_rows)
    return engine


def _without_rows(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL adds the row that it refused to its message, and so the patient's words."""
    error, diagnosis = context.sqlalchemy_exception, getattr(context.original_exception, "diag", None)
    if error is not None and diagnosis is not None and diagnosis.message_detail:
        context.original_exception.args = (diagnosis.message_primary,)
        raise type(error)(error.statement, None, context.original_exception, hide_parameters=True)


def _make_folder(url: sa.engine.URL) -> None:
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _leave_deleted_files(engine: sa.engine.Engine) -> None:
    """An open connection to a file that was deleted or replaced would go on to write where nobody reads it again."""
    path = engine.url.database

    def opened(connection: Any, record: Any) -> None:
        record.info["file"] = _file(path)

    def used(connection: Any, record: Any, proxy: Any) -> None:
        if record.info["file"] != _file(path):
            raise sa.exc.DisconnectionError("the file is not there any more")  # the pool connects anew

    sa.event.listen(engine, "connect", opened)
    sa.event.listen(engine, "checkout", used)


def _file(path: str | None) -> tuple[int, int] | None:
    """Which file a path names now: device and inode; None for no file."""
    try:
        found = Path(path or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _sqlite_pragmas(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit is on the disk when it returns
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # forgotten words are overwritten, not only unlinked
    cursor.close()


def _sqlite_whole_transactions(connection: Any, record: Any) -> None:
    """Python's driver would commit before each CREATE TABLE; so a crash in between cannot leave half a migration."""
    connection.isolation_level = None
