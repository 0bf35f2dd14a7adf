"""Who does the work that only one process of all may do, and when it was done last. Plain and blocking."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.gateway.tables import upkeep

PURGE, BACKUP = "purge", "backup"  # each has its row from the beginning
LEASE = timedelta(minutes=5)  # well over what one batch takes


@dataclass(frozen=True)
class Upkeep:
    """One kind of work. `counts`: of what was done last, by name."""

    name: str
    owner: str | None = None  # who does it now
    leased_until: datetime | None = None
    done_at: datetime | None = None
    counts: Mapping[str, int] | None = None


def new_owner() -> str:
    """A name that no other process has, and from which a person sees which one it is."""
    return f"{socket.gethostname()[:30]}/{os.getpid()}/{secrets.token_hex(3)}"


def last(engine: sa.engine.Engine, name: str) -> Upkeep:
    """What is known of some work."""
    with engine.connect() as db:
        return Upkeep(*db.execute(sa.select(upkeep).where(upkeep.c.name == name)).one())


def claim(engine: sa.engine.Engine, name: str, owner: str, now: datetime, done_before: datetime | None = None) -> bool:
    """Take the work until it is given back or the lease ends.

    False while somebody else has it, and when it was done since `done_before`.
    """
    with writing(engine) as db:
        row = db.execute(sa.select(upkeep).where(upkeep.c.name == name).with_for_update()).one()
        if row.owner not in (None, owner) and row.leased_until > now:
            return False
        if done_before is not None and row.done_at is not None and row.done_at >= done_before:
            return False
        db.execute(_this(name).values(owner=owner, leased_until=now + LEASE))
    return True


def renew(engine: sa.engine.Engine, name: str, owner: str, now: datetime) -> bool:
    """Keep the work a while longer. False when it was lost to somebody else."""
    with engine.begin() as db:
        mine = _this(name).where(upkeep.c.owner == owner)
        kept: bool = db.execute(mine.values(leased_until=now + LEASE)).rowcount > 0
        return kept


def give_back(engine: sa.engine.Engine, name: str, owner: str) -> None:
    """It was begun and not ended: somebody else may go on at once."""
    with engine.begin() as db:
        db.execute(_this(name).where(upkeep.c.owner == owner).values(owner=None, leased_until=None))


def done(engine: sa.engine.Engine, name: str, now: datetime, counts: Mapping[str, int]) -> None:
    """It was done, by whomever."""
    with engine.begin() as db:
        db.execute(_this(name).values(owner=None, leased_until=None, done_at=now, counts=dict(counts)))


def _this(name: str) -> sa.sql.Update:
    return upkeep.update().where(upkeep.c.name == name)
