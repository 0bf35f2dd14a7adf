"""How often somebody may try to sign in. Plain and blocking; kept in the database, so a restart forgets nothing.

Only tries that failed count. An attempt is written down before the password is looked at, so that many at once do not
slip through together. A clinic's computers share an address, and somebody outside must not be able to lock a nurse out:
so the narrow limit is for one login from one address, and the wide ones are for each alone. A browser in which somebody
has signed in before has a budget of its own for that login, which nobody elsewhere can use up.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from patchline.desk.accounts import same
from patchline.desk.tables import staff_attempts
from patchline.gateway.client import network_of


@dataclass(frozen=True)
class Limit:
    """At most `count` failed tries within `within`."""

    count: int
    within: timedelta


PAIR = Limit(5, timedelta(minutes=15))
LOGIN = Limit(20, timedelta(hours=1))
ADDRESS = Limit(30, timedelta(minutes=15))
KEPT = max(limit.within for limit in (PAIR, LOGIN, ADDRESS))


@dataclass(frozen=True)
class Attempt:
    """A try that may go on (`wait_s` 0), or one that is refused for so many seconds."""

    keys: tuple[str, ...]
    ids: tuple[int, ...] = ()
    wait_s: int = 0
    first: bool = False  # the first refusal of this address for a while: worth a line in the audit


class Throttle:
    """Tries by login and address, known by hashes under the installation's secret."""

    def __init__(self, secret: str):
        self._secret = secret.encode()

    def admit(self, engine: sa.engine.Engine, login: str, address: str, at: datetime, device: str = "") -> Attempt:
        """Count one try. The same for a login that nobody has. `device`: what `device_of` gave this browser."""
        login, network = same(login), network_of(address)
        keys: tuple[str, ...] = (
            self._key("pair", login, network),
            self._key("login", login),
            self._key("address", network),
        )
        if self._knows(login, device):
            keys = (self._key("device", login, device),)
        with engine.begin() as db:
            db.execute(staff_attempts.delete().where(staff_attempts.c.at <= at - KEPT))
            ids = tuple(
                db.execute(staff_attempts.insert().values(key=key, at=at)).inserted_primary_key[0] for key in keys
            )
        # Another transaction: now each of several tries at once sees the others.
        with engine.connect() as db:
            forgiven = sa.select(sa.func.max(staff_attempts.c.at))
            since = db.execute(forgiven.where(staff_attempts.c.key == self._key("forgiven", login))).scalar()
            sinces = (since, since, None)  # an address stays as it is
            waits = [_wait(db, *each, at) for each in zip(keys, (PAIR, LOGIN, ADDRESS), sinces, strict=False)]
        if not any(waits):
            return Attempt(keys, ids)
        with engine.begin() as db:  # who is refused does not have to wait longer for having tried
            db.execute(staff_attempts.delete().where(staff_attempts.c.id.in_(ids)))
            first = _noted(db, self._key("refused", network), at)
        return Attempt(keys, wait_s=max(waits), first=first)

    def succeeded(self, engine: sa.engine.Engine, attempt: Attempt) -> None:
        """The password was right: this person's slips at this address are forgotten."""
        mine = staff_attempts.c.id.in_(attempt.ids) | (staff_attempts.c.key == attempt.keys[0])
        with engine.begin() as db:
            db.execute(staff_attempts.delete().where(mine))

    def forgive(self, engine: sa.engine.Engine, login: str, at: datetime) -> None:
        """Tries with this login until now no longer count; those of an address with other logins do."""
        with engine.begin() as db:
            db.execute(staff_attempts.insert().values(key=self._key("forgiven", same(login)), at=at))

    def device_of(self, login: str) -> str:
        """A token for a browser in which this person has just signed in; it opens nothing."""
        number = secrets.token_hex(8)
        return f"{number}.{self._key('a device of', same(login), number)}"

    def _knows(self, login: str, device: str) -> bool:
        number, _, mark = device.partition(".")
        return hmac.compare_digest(mark.encode(), self._key("a device of", login, number).encode())

    def _key(self, *parts: str) -> str:
        return hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def _wait(db: sa.engine.Connection, key: str, limit: Limit, since: datetime | None, at: datetime) -> int:
    """Seconds until there is room again; 0 when there is. Nothing counts that was before `since`."""
    start = max(since or datetime.min, at - limit.within)
    mine = (staff_attempts.c.key == key) & (staff_attempts.c.at > start)
    newest = sa.select(staff_attempts.c.at).where(mine).order_by(staff_attempts.c.at.desc(), staff_attempts.c.id.desc())
    over = db.execute(newest.offset(limit.count).limit(1)).scalar()
    return 0 if over is None else max(1, math.ceil((over + limit.within - at).total_seconds()))


def _noted(db: sa.engine.Connection, key: str, at: datetime) -> bool:
    """Whether a key is new within the last while; then it is written down."""
    if db.execute(sa.select(staff_attempts.c.id).where(staff_attempts.c.key == key).limit(1)).first():
        return False
    db.execute(staff_attempts.insert().values(key=key, at=at))
    return True
