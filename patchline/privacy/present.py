"""What an installation has now, before an archive replaces it, and what of that must hold afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from patchline.database import trackers
from patchline.database.engines import writing
from patchline.database.migration import MIGRATIONS
from patchline.escalation.states import RESOLVED
from patchline.escalation.tables import tickets, workers
from patchline.gateway.records import forget_in
from patchline.gateway.tables import conversations, upkeep
from patchline.privacy.checks import is_made
from patchline.settings import Settings

BATCH = 100


@dataclass(frozen=True)
class Present:
    """What a restored database has to be told. `known`: there was a database that could say it."""

    known: bool = False
    forgotten: Sequence[str] = ()  # conversations that were deleted
    unresolved: Sequence[str] = ()  # references of tickets


def has_data(chosen: Settings, engine: sa.engine.Engine) -> bool:
    """Whether somebody could miss something; a database that cannot be read counts."""
    if any(chosen.spool.glob("*")):
        return True
    try:
        return _has_rows(engine, conversations) or _has_rows(engine, tickets) or _rasa_has_rows(chosen, engine)
    except sa.exc.SQLAlchemyError:
        return True


def read_present(engine: sa.engine.Engine) -> Present:
    """Of a database that is not there, or that cannot be read, nothing is known."""
    try:
        if not is_made(engine):
            return Present()
        with engine.connect() as db:
            if not sa.inspect(db).has_table(tickets.name):
                return Present()
            deleted = sa.select(conversations.c.id).where(conversations.c.forgotten_at.is_not(None))
            return Present(True, list(db.execute(deleted).scalars()), unresolved(engine))
    except sa.exc.SQLAlchemyError:
        return Present()


def unresolved(engine: sa.engine.Engine) -> list[str]:
    """The references of all tickets that are not resolved."""
    with engine.connect() as db:
        query = sa.select(tickets.c.reference).where(tickets.c.state != RESOLVED)
        return list(db.execute(query).scalars())


def forget_again(engine: sa.engine.Engine, ids: Sequence[str]) -> int:
    """Delete those of `ids` that are there once more. Returns how many those were."""
    count = 0
    for start in range(0, len(ids), BATCH):
        with writing(engine) as db:
            here = conversations.c.id.in_(ids[start : start + BATCH]) & conversations.c.forgotten_at.is_(None)
            back = list(db.execute(sa.select(conversations.c.id).where(here)).scalars())
            for conversation_id in back:
                forget_in(db, conversation_id)
        count += len(back)
    return count


def nobody_is_at_work(engine: sa.engine.Engine) -> None:
    """Whoever was at work when the backup was made is not now."""
    with engine.begin() as db:
        db.execute(workers.delete())
        db.execute(upkeep.update().values(owner=None, leased_until=None))


def is_known(version: str) -> bool:
    """Whether this code has made, or can bring up to date, tables of a version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return version in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _has_rows(engine: sa.engine.Engine, table: sa.Table) -> bool:
    if not is_made(engine):
        return False
    with engine.connect() as db:
        there = sa.inspect(db).has_table(table.name)
        return there and db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None


def _rasa_has_rows(chosen: Settings, engine: sa.engine.Engine) -> bool:
    if engine.dialect.name == "sqlite" and not Path(chosen.var / trackers.FILE).exists():
        return False
    rasa = trackers.make_engine(chosen)
    try:
        return trackers.is_there(rasa) and any(True for _ in trackers.last_said(rasa, page=1))
    finally:
        rasa.dispose()
