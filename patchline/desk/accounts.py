"""Who may sign in at the desk, and as what. Plain and blocking; SQLAlchemy's errors come as they are.

`at` is UTC without a zone. A change that cannot be raises `AccountError` with a sentence for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.desk import passwords
from patchline.desk.roles import ROLES
from patchline.desk.tables import staff, staff_sessions
from patchline.escalation.history import PATCHLINE, PATIENT

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,62}[a-z0-9]")
ONE_TIME = timedelta(days=7)  # so long is a password good that somebody else has made


class AccountError(Exception):
    """The message is a sentence for people."""


@dataclass(frozen=True)
class Staff:
    """A member of staff, e.g. `Staff(1, "ana", "Ana López", "nurse")`."""

    id: int
    login: str
    name: str
    role: str
    one_time_until: datetime | None = None  # the password must be changed, and is good until then
    created_at: datetime | None = None
    disabled_at: datetime | None = None
    seen_at: datetime | None = None

    def may(self, role: str) -> bool:
        """True for what this role and all above it may do."""
        return ROLES.index(self.role) >= ROLES.index(role)


FIELDS = tuple(Staff.__dataclass_fields__)
COLUMNS = tuple(staff.c[name] for name in FIELDS)


def everybody(engine: sa.engine.Engine) -> list[Staff]:
    """All accounts by name; those that are switched off last."""
    with engine.connect() as db:
        found = [Staff(*row) for row in db.execute(sa.select(*COLUMNS))]
    return sorted(found, key=lambda person: (person.disabled_at is not None, person.name.casefold()))


def somebody_can_sign_in(engine: sa.engine.Engine) -> bool:
    """False in a new installation: then the first admin is made on the command line."""
    with engine.connect() as db:
        return db.execute(sa.select(staff.c.id).where(staff.c.disabled_at.is_(None)).limit(1)).first() is not None


def known(engine: sa.engine.Engine, login: str) -> str | None:
    """The login as it is kept, if somebody has it."""
    with engine.connect() as db:
        return db.execute(sa.select(staff.c.login).where(staff.c.login == same(login))).scalar()


def find(engine: sa.engine.Engine, login: str) -> Staff:
    """One account. Raises `AccountError` for an unknown login."""
    with engine.connect() as db:
        return _person(db, login)


def verify(engine: sa.engine.Engine, login: str, password: str, at: datetime) -> Staff | None:
    """Who signs in with these; None for wrong ones. An unknown login takes as long as a wrong password."""
    with engine.connect() as db:
        query = sa.select(*COLUMNS, staff.c.password_hash).where(staff.c.login == same(login))
        row = db.execute(query).first()
    right = passwords.matches(password, row.password_hash if row else passwords.nobodys())
    if not row or not right or row.disabled_at or (row.one_time_until and row.one_time_until < at):
        return None
    changes: dict[str, Any] = {"seen_at": at}
    if passwords.outdated(row.password_hash):
        changes["password_hash"] = passwords.hash_of(password)
    with engine.begin() as db:  # another password may have been set meanwhile
        this = (staff.c.id == row.id) & (staff.c.password_hash == row.password_hash)
        if not db.execute(staff.update().where(this).values(changes)).rowcount:
            return None
    return Staff(*row[: len(FIELDS)])


def add(
    engine: sa.engine.Engine, login: str, name: str, role: str, password: str, at: datetime, one_time: bool = False
) -> Staff:
    """A new account. `one_time`: the password must be changed at the first sign-in. May raise `WeakPassword`."""
    login, name = same(login), " ".join(name.split())
    if not LOGIN.fullmatch(login):
        raise AccountError("A login has 2 to 64 small letters, digits and . _ @ -, e.g. ana.lopez")
    if not name or len(name) > 100 or not name.isprintable():
        raise AccountError("Give the name as colleagues know it, with 100 characters at most.")
    if role not in ROLES:
        raise AccountError(f"The role is one of: {', '.join(ROLES)}.")
    passwords.check(password, login, name)
    row = {"login": login, "name": name, "role": role, "created_at": at, "password_hash": passwords.hash_of(password)}
    row["one_time_until"] = at + ONE_TIME if one_time else None
    with writing(engine) as db:
        taken = db.execute(sa.select(staff.c.login, staff.c.name)).all()
        if login in {other.login for other in taken}:
            raise AccountError(f"There is an account {login} already.")
        if name.casefold() in {other.name.casefold() for other in taken} | {PATCHLINE, PATIENT}:
            raise AccountError(f"Tickets name people by their name, and {name!r} is taken. Add an initial.")
        db.execute(staff.insert().values(row))
        return _person(db, login)


def set_password(
    engine: sa.engine.Engine, login: str, password: str, at: datetime, one_time: bool = False, keep: str = ""
) -> Staff:
    """Another password; all sessions of the account end but the one with the token hash `keep`."""
    person = find(engine, login)
    passwords.check(password, person.login, person.name)
    changes = {"password_hash": passwords.hash_of(password), "one_time_until": at + ONE_TIME if one_time else None}
    with writing(engine) as db:
        db.execute(staff.update().where(staff.c.id == person.id).values(changes))
        _end_sessions(db, person, keep)
        return _person(db, login)


def set_role(engine: sa.engine.Engine, login: str, role: str) -> Staff:
    """Holds from the person's next request on."""
    if role not in ROLES:
        raise AccountError(f"The role is one of: {', '.join(ROLES)}.")
    with writing(engine) as db:
        person = _person(db, login)
        if role != "admin":
            _not_the_last_admin(db, person)
        db.execute(staff.update().where(staff.c.id == person.id).values(role=role))
        return _person(db, login)


def disable(engine: sa.engine.Engine, login: str, at: datetime) -> Staff:
    """The person is signed out everywhere at once and cannot sign in. Nothing that they did is lost."""
    with writing(engine) as db:
        person = _person(db, login)
        _not_the_last_admin(db, person)
        if not person.disabled_at:
            db.execute(staff.update().where(staff.c.id == person.id).values(disabled_at=at))
        _end_sessions(db, person)
        return _person(db, login)


def enable(engine: sa.engine.Engine, login: str) -> Staff:
    """The person can sign in again, with the password from before."""
    with writing(engine) as db:
        person = _person(db, login)
        db.execute(staff.update().where(staff.c.id == person.id).values(disabled_at=None))
        return _person(db, login)


def same(login: str) -> str:
    """A login as it is kept: people write it with capitals on a phone."""
    return login.strip().casefold()


def _person(db: sa.engine.Connection, login: str) -> Staff:
    row = db.execute(sa.select(*COLUMNS).where(staff.c.login == same(login))).first()
    if row is None:
        raise AccountError(f"There is no account {same(login)[:64]}.")
    return Staff(*row)


def _not_the_last_admin(db: sa.engine.Connection, person: Staff) -> None:
    """All admins' rows are locked, so that two admins cannot switch off each other at the same time."""
    admins = sa.select(staff.c.id).where(staff.c.role == "admin", staff.c.disabled_at.is_(None))
    found = set(db.execute(admins.order_by(staff.c.id).with_for_update()).scalars())
    if found == {person.id}:
        raise AccountError(f"{person.name} is the last admin. Make somebody else an admin first.")


def _end_sessions(db: sa.engine.Connection, person: Staff, keep: str = "") -> None:
    theirs = (staff_sessions.c.staff_id == person.id) & (staff_sessions.c.token_hash != keep)
    db.execute(staff_sessions.delete().where(theirs))
