"""Whether there is a database to work on, and whether the system is at work on it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

import patchline
from patchline import health
from patchline.database.schema import metadata, now
from patchline.database.version import versions
from patchline.escalation.tables import workers
from patchline.privacy.errors import Failed, Refused
from patchline.run.checks import left_over
from patchline.settings import Settings

SEEN = timedelta(seconds=30)  # a worker says every five seconds that it is there


@contextlib.contextmanager
def database_errors(holds: str) -> Iterator[None]:
    """Errors of the database as `Failed`; `holds` is a sentence on what was done by then."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        raise Failed(f"The database does not answer as it should ({type(error).__name__}). {holds}") from None


def all_tables() -> Mapping[str, sa.Table]:
    """The tables of every room by name."""
    for room in pkgutil.iter_modules(patchline.__path__, "patchline."):
        if room.ispkg and importlib.util.find_spec(f"{room.name}.tables"):
            importlib.import_module(f"{room.name}.tables")
    return metadata.tables


def file_of(engine: sa.engine.Engine) -> Path | None:
    """The file of a SQLite database; None for a server."""
    return Path(engine.url.database) if engine.dialect.name == "sqlite" else None


def is_made(engine: sa.engine.Engine) -> bool:
    """Whether a SQLite database's file is there; a server's database always is."""
    path = file_of(engine)
    return path is None or path.exists()


def check_tables(engine: sa.engine.Engine) -> str:
    """The version of the tables, which is that of the code. Raises `Refused` or `Failed`."""
    if not is_made(engine):
        raise Refused(f"There is no database at {file_of(engine)}; `patchline run` makes it.")
    with database_errors("Nothing was done."):
        found, wanted = versions(engine)
    if found != wanted:
        do = "start Patchline, which brings them up to date" if (found or "") < wanted else "install a newer Patchline"
        raise Refused(f"The tables are of version {found}, the code of {wanted}; {do}.")
    return found


def check_stopped(settings: Settings, engine: sa.engine.Engine) -> None:
    """Raises `Refused` while the system runs here, or a worker of another machine on the same database."""
    if pids := left_over(settings):
        numbers = " ".join(str(pid) for pid in pids)
        raise Refused(f"Patchline is running here; stop it first (`kill {numbers}`).")
    if health.live(settings):
        raise Refused(f"A gateway answers at {health.address(settings)}; stop it first.")
    if engine.dialect.name == "sqlite":
        return  # a file of this machine, and it may be damaged
    with database_errors("Nothing was done."), engine.connect() as db:
        there = sa.inspect(db).has_table(workers.name)
        query = sa.select(workers.c.name).where(workers.c.seen_at > now() - SEEN)
        found = db.execute(query).scalars().first() if there else None
    if found:
        raise Refused(f"A delivery worker was at work on this database a moment ago ({found}); stop it first.")
