"""Who is signed in. Plain and blocking; SQLAlchemy's errors come as they are. `at` is UTC without a zone.

A session ends after `LONGEST`, and after `IDLE` without a request; the live stream of an open page counts as one. The
browser has the token, the database only its hash: who reads the database cannot sign in with it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from patchline.desk.accounts import COLUMNS, FIELDS, Staff
from patchline.desk.tables import staff, staff_sessions

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=1)
NOTED = timedelta(minutes=1)  # presence is written down at most so often


@dataclass(frozen=True)
class Session:
    """Somebody is signed in at a browser."""

    key: str  # the token's hash
    staff: Staff
    created_at: datetime
    seen_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When it ends, also for somebody who is there all the time."""
        return self.created_at + LONGEST


def open_session(engine: sa.engine.Engine, person: Staff, at: datetime, instead_of: str | None = None) -> str:
    """The token of a new session. `instead_of`: the token of the browser's session before, which ends."""
    token = secrets.token_urlsafe(32)
    row = {"token_hash": key_of(token), "staff_id": person.id, "created_at": at, "seen_at": at}
    with engine.begin() as db:
        over = _over(at)
        if instead_of:
            over |= staff_sessions.c.token_hash == key_of(instead_of)
        db.execute(staff_sessions.delete().where(over))
        db.execute(staff_sessions.insert().values(row))
    return token


def find(engine: sa.engine.Engine, token: str, at: datetime, present: bool = True) -> Session | None:
    """The session of a token; None when it is over or the account was switched off.

    `present`: the person has done something, or has the page open; otherwise only asked.
    """
    key = key_of(token)
    this = staff_sessions.c.token_hash == key
    query = sa.select(staff_sessions.c.created_at, staff_sessions.c.seen_at, *COLUMNS).join_from(staff_sessions, staff)
    with engine.connect() as db:
        row = db.execute(query.where(this, ~_over(at), staff.c.disabled_at.is_(None))).first()
    if row is None:
        return None
    if present and at - row[1] > NOTED:
        with engine.begin() as db:
            db.execute(staff_sessions.update().where(this).values(seen_at=at))
    return Session(key, Staff(*row[2 : 2 + len(FIELDS)]), row[0], at if present else row[1])


def count(engine: sa.engine.Engine, person: Staff, at: datetime) -> int:
    """At how many browsers somebody is signed in."""
    mine = (staff_sessions.c.staff_id == person.id) & ~_over(at)
    with engine.connect() as db:
        return db.execute(sa.select(sa.func.count()).select_from(staff_sessions).where(mine)).scalar_one()


def end(engine: sa.engine.Engine, token: str) -> None:
    """Sign out at one browser."""
    with engine.begin() as db:
        db.execute(staff_sessions.delete().where(staff_sessions.c.token_hash == key_of(token)))


def end_all(engine: sa.engine.Engine, person: Staff) -> None:
    """Sign out everywhere."""
    with engine.begin() as db:
        db.execute(staff_sessions.delete().where(staff_sessions.c.staff_id == person.id))


def key_of(token: str) -> str:
    """What the database keeps of a token. It is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _over(at: datetime) -> sa.sql.ColumnElement:
    return (staff_sessions.c.created_at <= at - LONGEST) | (staff_sessions.c.seen_at <= at - IDLE)
