"""Who saw and did what at the desk. Plain and blocking; SQLAlchemy's errors come as they are.

The audit holds no words: neither of patients nor of staff. `action` is a name such as "ticket_viewed", and `detail` a
code such as "outcome:no_answer".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from patchline.desk.tables import staff_audit

ACTION = re.compile(r"[a-z][a-z_]{2,31}")
DETAIL = re.compile(r"[A-Za-z0-9_.,:;@=+/-]{1,200}")  # no spaces: a code, and no sentence
REFERENCE = re.compile(r"[A-Z0-9-]{1,16}")


@dataclass(frozen=True)
class Deed:
    """One line of the audit."""

    id: int
    at: datetime
    login: str | None
    name: str | None
    action: str
    reference: str | None
    detail: str | None
    address: str | None


def write(
    engine: sa.engine.Engine,
    at: datetime,
    action: str,
    *,
    login: str | None = None,
    name: str | None = None,
    reference: str | None = None,
    detail: str | None = None,
    address: str | None = None,
) -> None:
    """Add a line. `ValueError` for what may be words."""
    if not ACTION.fullmatch(action) or not (detail is None or DETAIL.fullmatch(detail)):
        raise ValueError("an action and its detail are codes without spaces")  # they are not repeated: may be words
    if reference is not None and not REFERENCE.fullmatch(reference):
        reference = None  # an address that somebody made up
    row = {"at": at, "login": login, "name": name, "action": action, "reference": reference, "detail": detail}
    with engine.begin() as db:
        db.execute(staff_audit.insert().values(row | {"address": address}))


def read(
    engine: sa.engine.Engine,
    *,
    login: str | None = None,
    reference: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    below_id: int | None = None,
    limit: int | None = None,
) -> list[Deed]:
    """Lines, the newest first. `since` is inside, `before` and `below_id` are outside."""
    c = staff_audit.c
    wanted = [
        (login, lambda: c.login == login),
        (reference, lambda: c.reference == reference),
        (since, lambda: c.at >= since),
        (before, lambda: c.at < before),
        (below_id, lambda: c.id < below_id),
    ]
    where = [condition() for value, condition in wanted if value is not None]
    query = sa.select(*(c[name] for name in Deed.__dataclass_fields__)).where(*where).order_by(c.id.desc())
    with engine.connect() as db:
        return [Deed(*row) for row in db.execute(query.limit(limit))]
