"""Finding tickets: rows of the table as `Case`s. Plain and blocking; SQLAlchemy's errors come as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.escalation.case import Case
from patchline.escalation.states import ACKNOWLEDGED, OPEN, STATES
from patchline.escalation.tables import tickets

FIELDS = tuple(Case.__dataclass_fields__)
COLUMNS = tuple(tickets.c[name] for name in FIELDS)
LOOKED_AT = 50_000  # tickets that a search by name or telephone looks at, the latest


def case(row: Any) -> Case:
    """A row of `COLUMNS`."""
    known = {name: getattr(row, name) for name in FIELDS}
    known["categories"] = None if row.categories is None else tuple(row.categories)
    return Case(**known | {"triggers": tuple(row.triggers)})


def counts(engine: sa.engine.Engine) -> dict[str, int]:
    """How many tickets there are in each state, e.g. {"open": 2, "acknowledged": 0, "resolved": 31}."""
    query = sa.select(tickets.c.state, sa.func.count()).group_by(tickets.c.state)
    with engine.connect() as db:
        return dict.fromkeys(STATES, 0) | dict(db.execute(query).all())


def opened_between(engine: sa.engine.Engine, since: datetime, until: datetime) -> list[Case]:
    """The tickets opened from `since` on and before `until`, the oldest first."""
    query = sa.select(*COLUMNS).where(tickets.c.opened_at >= since, tickets.c.opened_at < until)
    with engine.connect() as db:
        return [case(row) for row in db.execute(query.order_by(tickets.c.opened_at, tickets.c.id))]


def phones(engine: sa.engine.Engine, conversations: Collection[str]) -> dict[str, str]:
    """The number that a patient gave in a conversation, in whichever ticket; the latest where there are several."""
    query = sa.select(tickets.c.conversation_id, tickets.c.phone).where(tickets.c.phone.is_not(None))
    query = query.where(tickets.c.conversation_id.in_(conversations)).order_by(tickets.c.id)
    with engine.connect() as db:
        return dict(db.execute(query).all())


def find(engine: sa.engine.Engine, words: str, limit: int = 50) -> list[Case]:
    """Tickets by reference ("PL-7K3F9", "7k3f9"), by a part of the name, or by four digits or more of the telephone.

    What nobody has resolved comes first, then the latest. Accents and capitals make no difference.
    """
    wanted = _plain(words)
    if not wanted:
        return []
    query = sa.select(tickets.c.id, tickets.c.reference, tickets.c.name, tickets.c.phone)
    rank = sa.case((tickets.c.state.in_((OPEN, ACKNOWLEDGED)), 0), else_=1)
    order = (rank, tickets.c.opened_at.desc())
    with engine.connect() as db:
        rows = db.execute(query.order_by(*order).limit(LOOKED_AT))
        # Here and not in SQL: SQLite folds the capitals of ASCII alone, and no database knows "José" as "jose".
        found = [row.id for row in rows if _matches(row, wanted)][:limit]
        query = sa.select(*COLUMNS).where(tickets.c.id.in_(found)).order_by(*order)
        return [case(row) for row in db.execute(query)]


def _matches(row: Any, wanted: str) -> bool:
    reference, digits = _plain(row.reference), re.sub(r"\D", "", wanted)
    compact = re.sub(r"[\s-]", "", wanted)
    if compact.removeprefix("pl") == reference.removeprefix("pl-") or (row.name and wanted in _plain(row.name)):
        return True
    telephone = len(digits) >= 4 and not re.search(r"[^\d\s()+./-]", wanted)
    return bool(telephone and row.phone and digits in row.phone)


def _plain(text: str) -> str:
    """Without accents, capitals and spaces too many."""
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(bare.casefold().split())
