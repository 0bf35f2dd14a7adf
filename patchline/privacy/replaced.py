"""The exchange of what is there for what an archive holds. What is replaced is kept in a folder beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from patchline.database import engines, trackers
from patchline.database.migration import migrate
from patchline.database.version import VERSION_TABLE, versions
from patchline.privacy import archive, postgres_client
from patchline.privacy.archive import Manifest
from patchline.privacy.checks import all_tables
from patchline.privacy.errors import Failed, Refused
from patchline.privacy.present import is_known
from patchline.settings import Settings
from patchline.training.progress import Progress


def swap(chosen: Settings, manifest: Manifest, folder: Path, progress: Progress) -> Path:
    """Exchange the databases. Returns the folder of what was replaced, which is not there if nothing was.

    All of it or nothing: raises `Failed` or `Refused` with everything as it was.
    """
    kept = chosen.var / f"replaced-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%fZ}-{os.getpid()}"
    url = engines.url_of(chosen)
    if manifest.database == "sqlite":
        _swap_files(chosen, folder, kept, Path(sa.engine.make_url(url).database))
    else:
        _swap_tables(chosen, url, folder / archive.DUMP, kept, progress)
    return kept


def put(source: Path, target: Path, kept: Path) -> None:
    """A file in the place of another, which is kept. A SQLite database's log goes with it."""
    keep(target, kept)
    shutil.move(source, target)


def keep(target: Path, kept: Path) -> None:
    """A file out of the way, if it is there."""
    for name in (target.name, f"{target.name}-wal", f"{target.name}-shm"):
        path = target.with_name(name)
        if path.exists():
            kept.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, kept / name)


def _swap_files(chosen: Settings, folder: Path, kept: Path, database: Path) -> None:
    new = folder / archive.SQLITE
    try:
        migrate(f"sqlite:///{new}")  # here already: what cannot be brought up to date replaces nothing
    except sa.exc.SQLAlchemyError as error:
        raise Refused(f"The database in this backup cannot be used ({type(error).__name__}).") from None
    places = [(new, database), (folder / archive.RASA, chosen.var / trackers.FILE)]
    done: list[Path] = []
    try:
        for source, target in places:
            target.parent.mkdir(parents=True, exist_ok=True)
            done.append(target)
            if source.exists():
                put(source, target, kept)
            else:  # a tracker of another time would answer patients of this one
                keep(target, kept)
    except OSError as error:
        _put_back(done, kept)
        raise Failed(f"The data was not replaced, and is as it was: {error.strerror}.") from error


def _put_back(targets: list[Path], kept: Path) -> None:
    for target in targets:
        for path in sorted(kept.glob(f"{target.name}*")):
            shutil.move(path, target.with_name(path.name))


def _swap_tables(chosen: Settings, url: str, dump: Path, kept: Path, progress: Progress) -> None:
    new = postgres_client.tables(dump)
    engine = engines.make_upkeep_engine(url)
    try:
        present = list(_present(engine))
        if present:
            found, _ = versions(engine)
            if found is not None and not is_known(found):
                raise Refused(
                    f"The database has tables of version {found}, newer than this Patchline; nothing was touched."
                    " Make an empty database and name it in PATCHLINE_DATABASE_URL."
                )
            progress.phase("pg_dump keeps what is there")
            kept.mkdir(mode=0o700)
            postgres_client.dump(url, kept / archive.DUMP, progress.tick)
            (kept / archive.DUMP).chmod(0o600)
        trackers.make_table(trackers.make_engine(chosen, engines.make_upkeep_engine))  # and so its schema
        rasa = [(trackers.SCHEMA, trackers.events.name)]
        progress.phase("psql writes the database")
        postgres_client.restore(url, dump, list(dict.fromkeys([*present, *new, *rasa])), progress.tick)
    except Exception:  # nothing was replaced, so nothing of it has to lie about
        shutil.rmtree(kept, ignore_errors=True)
        raise
    finally:
        engine.dispose()


def _present(engine: sa.engine.Engine) -> Iterator[tuple[str, str]]:
    """(schema, name) of our tables that are in the database; the tables of others are nobody's business."""
    with engine.connect() as db:
        schema = db.execute(sa.text("SELECT current_schema()")).scalar_one()
        inspector = sa.inspect(db)
        ours = {*all_tables(), VERSION_TABLE}
        yield from ((schema, name) for name in inspector.get_table_names() if name in ours)
        if trackers.SCHEMA in inspector.get_schema_names():
            yield from ((trackers.SCHEMA, name) for name in inspector.get_table_names(schema=trackers.SCHEMA))
