"""What waits in the inbox, the most worthwhile first, and the chats beside. Plain and blocking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.gateway.tables import messages
from patchline.gateway.upkeep import Upkeep, last
from patchline.review.picking import NOT_HELPFUL, REASONS, worth
from patchline.review.tables import review_decisions, review_items, review_lines
from patchline.workspace.examples import same_words


@dataclass(frozen=True)
class Item:
    """One message in masked words. `answered`: the topic that the patient got; `topic`: what the model takes it for."""

    message: int
    group: int
    at: datetime
    masked: str
    reasons: tuple[str, ...]
    answered: str | None
    tier: str | None
    topic: str | None
    confidence: float
    doubt: float


@dataclass(frozen=True)
class Group:
    """Messages that mean the same, the newest first; never empty."""

    number: int
    items: tuple[Item, ...]

    @property
    def first(self) -> Item:
        """The one that stands for all: the shortest that is not cut to a word or two."""
        long = [item for item in self.items if len(item.masked.split()) > 2]
        return min(long or self.items, key=lambda item: (len(item.masked), item.message))

    @property
    def reasons(self) -> tuple[str, ...]:
        found = {reason for item in self.items for reason in item.reasons}
        return tuple(reason for reason in REASONS if reason in found)

    @property
    def not_helpful(self) -> int:
        return sum(NOT_HELPFUL in item.reasons for item in self.items)

    @property
    def tier(self) -> str | None:
        """The tier that was raised for one of them."""
        return next((item.tier for item in self.items if item.tier), None)

    @property
    def worth(self) -> tuple[bool, bool, float]:
        return worth([item.reasons for item in self.items], [item.doubt for item in self.items])

    @property
    def sentences(self) -> tuple[Item, ...]:
        """Those that are worded differently, `first` first."""
        kept = {same_words(item.masked): item for item in (*reversed(self.items), self.first)}
        return tuple(sorted(kept.values(), key=lambda item: (item is not self.first, -item.message)))


@dataclass(frozen=True)
class Line:
    """What was said in a chat, masked. `this`: the message in question."""

    who: str  # "patient" | "bot"
    at: datetime
    text: str
    this: bool


@dataclass(frozen=True)
class Decision:
    """What somebody decided. `words`: the messages it was about, as far as they are still kept."""

    id: int
    at: datetime
    name: str
    act: str
    topic: str | None
    messages: int
    change: str | None
    undone_at: datetime | None
    undone_by: str | None
    words: tuple[str, ...] = ()


_ITEM = sa.select(
    review_items.c.message,
    review_items.c.group_id,
    messages.c.at,
    review_items.c.masked,
    review_items.c.reasons,
    messages.c.topic,
    messages.c.tier,
    review_items.c.topic,
    review_items.c.confidence,
    review_items.c.doubt,
).join(messages, messages.c.id == review_items.c.message)
_OPEN = review_items.c.decision.is_(None)


def waiting(engine: sa.engine.Engine) -> list[Group]:
    """Everything that is open, the most worthwhile first."""
    with engine.connect() as db:
        rows = db.execute(_ITEM.where(_OPEN).order_by(review_items.c.message.desc())).all()
    found: dict[int, list[Item]] = {}
    for row in rows:
        found.setdefault(row[1], []).append(_item(row))
    groups = [Group(number, tuple(items)) for number, items in found.items()]
    return sorted(groups, key=lambda group: (group.worth, group.items[0].message), reverse=True)


def group(engine: sa.engine.Engine, number: int) -> Group | None:
    """One open group; None: it was decided about, or its messages are not kept any more."""
    here = (review_items.c.group_id == number) & _OPEN
    with engine.connect() as db:
        rows = db.execute(_ITEM.where(here).order_by(review_items.c.message.desc())).all()
    return Group(number, tuple(_item(row) for row in rows)) if rows else None


def chat(engine: sa.engine.Engine, message: int) -> list[Line]:
    """The conversation of a message, masked, in order; what came since the last scan is not in it."""
    this = sa.select(messages.c.conversation_id).where(messages.c.id == message).scalar_subquery()
    query = (
        sa.select(messages.c.id, messages.c.at, messages.c.answered_at, review_lines.c.said, review_lines.c.answers)
        .join(review_lines, review_lines.c.message == messages.c.id)
        .where(messages.c.conversation_id == this)
        .order_by(messages.c.id)
    )
    with engine.connect() as db:
        rows = db.execute(query).all()
    lines = []
    for row in rows:
        lines.append(Line("patient", row.at, row.said, row.id == message))
        lines += [Line("bot", row.answered_at or row.at, text, False) for text in row.answers]
    return lines


def decisions(engine: sa.engine.Engine, limit: int = 20) -> list[Decision]:
    """The latest decisions, the newest first, undone ones among them."""
    d = review_decisions.c
    fields = [d[name] for name in Decision.__dataclass_fields__ if name != "words"]
    with engine.connect() as db:
        rows = db.execute(sa.select(*fields).order_by(d.id.desc()).limit(limit)).all()
        about = sa.select(review_items.c.decision, review_items.c.masked).order_by(review_items.c.message.desc())
        words: dict[int, list[str]] = {}
        for id, masked in db.execute(about.where(review_items.c.decision.in_([row.id for row in rows]))):
            words.setdefault(id, []).append(masked)
    return [Decision(**row._asdict(), words=tuple(dict.fromkeys(words.get(row.id, ())))) for row in rows]


def last_scan(engine: sa.engine.Engine) -> Upkeep:
    return last(engine, "review")


def _item(row: Sequence[Any]) -> Item:
    message, number, at, masked, reasons, answered, tier, topic, confidence, doubt = row
    return Item(message, number, at, masked, tuple(reasons), answered, tier, topic, confidence, doubt)
