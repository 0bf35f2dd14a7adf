"""What the scan reads of the journal and writes for the inbox. Plain and blocking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from patchline.gateway.tables import feedback, messages
from patchline.review.picking import Told
from patchline.review.tables import review_items, review_lines

PAGE = 500  # messages in memory at the same time
AT_ONCE = 400  # ids in one query


@dataclass(frozen=True)
class Row:
    """One typed message that was answered. `listed`: it is in the inbox, or was."""

    id: int
    conversation_id: str
    told: Told
    listed: bool


def typed(engine: sa.engine.Engine) -> Iterator[Row]:
    """All typed messages that have a reply, conversation by conversation in the order of writing."""
    m = messages.c
    query = (
        sa.select(m.id, m.conversation_id, m.text, m.choice, m.nlu, m.topic, m.reply, m.tier, feedback.c.helpful,
                  review_items.c.message)
        .outerjoin(feedback, feedback.c.message == m.id)
        .outerjoin(review_items, review_items.c.message == m.id)
        .where(m.answered_at.is_not(None))
        .order_by(m.conversation_id, m.id)
    )  # fmt: skip
    last: tuple[str, int] = ("", 0)
    before: Mapping[str, Any] | None = None
    while True:
        after = sa.or_(m.conversation_id > last[0], (m.conversation_id == last[0]) & (m.id > last[1]))
        with engine.connect() as db:
            page = db.execute(query.where(after).limit(PAGE)).all()
        for row in page:
            if row.conversation_id != last[0]:
                before = None
            if row.choice is None:
                told = Told(row.text, row.nlu, row.topic, row.helpful, row.tier, before)
                yield Row(row.id, row.conversation_id, told, row.message is not None)
            before, last = row.reply, (row.conversation_id, row.id)
        if len(page) < PAGE:
            return


def leaders(engine: sa.engine.Engine) -> dict[int, bytes]:
    """Of every open group its number and the vector of its first message that is still there."""
    i = review_items.c
    query = sa.select(i.group_id, i.vector).where(i.decision.is_(None)).order_by(i.message.desc())
    with engine.connect() as db:
        return {row.group_id: row.vector for row in db.execute(query)}


def keep(engine: sa.engine.Engine, rows: Sequence[Mapping[str, Any]]) -> int:
    """Put messages into the inbox that are still in the journal. Returns how many those were."""
    with engine.begin() as db:
        there = _there(db, [row["message"] for row in rows])
        if kept := [row for row in rows if row["message"] in there]:
            db.execute(review_items.insert(), kept)
    return len(kept)


def see_again(engine: sa.engine.Engine, message: int, reasons: Sequence[str] | None) -> None:
    """A message of the inbox that nobody has decided about, for other reasons; None: for none any more."""
    this = (review_items.c.message == message) & review_items.c.decision.is_(None)
    with engine.begin() as db:
        if reasons is None:
            db.execute(review_items.delete().where(this))
        else:
            db.execute(review_items.update().where(this).values(reasons=list(reasons)))


def unmasked(engine: sa.engine.Engine, version: int) -> list[tuple[int, str, Mapping[str, Any] | None, str | None]]:
    """Messages of conversations in the inbox whose lines are not masked yet: (id, text, reply, topic)."""
    listed = sa.select(messages.c.conversation_id).join(review_items, review_items.c.message == messages.c.id)
    done = sa.exists().where(review_lines.c.message == messages.c.id, review_lines.c.masking == version)
    query = sa.select(messages.c.id, messages.c.text, messages.c.reply, messages.c.topic)
    query = query.where(messages.c.conversation_id.in_(listed), ~done, messages.c.answered_at.is_not(None))
    with engine.connect() as db:
        return [tuple(row) for row in db.execute(query)]


def keep_lines(engine: sa.engine.Engine, rows: Sequence[Mapping[str, Any]]) -> None:
    with engine.begin() as db:
        there = _there(db, [row["message"] for row in rows])
        kept = [row for row in rows if row["message"] in there]
        db.execute(review_lines.delete().where(review_lines.c.message.in_(there)))
        if kept:
            db.execute(review_lines.insert(), kept)


def _there(db: sa.engine.Connection, ids: Sequence[int]) -> set[int]:
    """Those that were not deleted meanwhile."""
    found: set[int] = set()
    for start in range(0, len(ids), AT_ONCE):
        found |= set(
            db.execute(sa.select(messages.c.id).where(messages.c.id.in_(ids[start : start + AT_ONCE]))).scalars()
        )
    return found
