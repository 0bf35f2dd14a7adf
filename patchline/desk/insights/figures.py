"""The figures: counts of messages, feedback and tickets. Plain and blocking; what is counted is pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

import sqlalchemy as sa

from patchline.desk.times import Clock
from patchline.escalation.tables import tickets
from patchline.gateway.tables import feedback, messages

UNANSWERED = "fallback"  # the topic of "Did you mean …?" and of every answer that Rasa did not give
ANSWERED = ("answered", "local")  # outcomes
BY_DAY = 14  # days up to which one bar is a day; beyond, it is a week


@dataclass(frozen=True)
class Said:
    """One message of a patient. `helpful`: what the patient said of the answer, if anything."""

    at: datetime
    conversation: str
    topic: str | None
    outcome: str | None
    helpful: bool | None

    @property
    def unanswered(self) -> bool:
        return self.topic == UNANSWERED or self.outcome not in (*ANSWERED, "person")


@dataclass(frozen=True)
class Raised:
    """One ticket of a warning sign."""

    opened_at: datetime
    acknowledged_at: datetime | None
    tier: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Spans:
    """Days or weeks of the clinic, one after another; `starts` as UTC without a zone, `names` are their first days."""

    names: tuple[date, ...]
    starts: tuple[datetime, ...]
    end: datetime

    def of(self, at: datetime) -> int | None:
        """Which one a moment is in."""
        if not self.starts[0] <= at < self.end:
            return None
        return sum(start <= at for start in self.starts) - 1

    def counts(self, moments: Iterable[datetime]) -> tuple[int, ...]:
        found = [0] * len(self.starts)
        for at in moments:
            if (place := self.of(at)) is not None:
                found[place] += 1
        return tuple(found)


@dataclass(frozen=True)
class Topic:
    """How often patients asked it, in each span and in all; `rated` said whether it helped, `not_helpful` that not."""

    id: str
    counts: tuple[int, ...]
    rated: int
    not_helpful: int

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Category:
    """Warning signs of one category. Minutes from opening to acknowledgement; None where nobody acknowledged one."""

    id: str
    count: int
    waiting: int  # not acknowledged yet
    median: float | None
    slow: float | None  # nine of ten were faster, or as fast


@dataclass(frozen=True)
class Figures:
    spans: Spans
    conversations: int
    messages: tuple[int, ...]
    unanswered: tuple[int, ...]
    topics: tuple[Topic, ...]  # the most frequent first
    categories: tuple[Category, ...]
    raised: int

    @property
    def rated(self) -> int:
        return sum(topic.rated for topic in self.topics)

    @property
    def not_helpful(self) -> int:
        return sum(topic.not_helpful for topic in self.topics)


def spans(days: int, now: datetime, clock: Clock) -> Spans:
    """The last `days` days, today included, day by day up to `BY_DAY`; beyond it by week, the first maybe earlier."""
    today = clock.local(now).date()
    length = 1 if days <= BY_DAY else 7
    count = math.ceil(days / length)
    names = tuple(today + timedelta(days=1 - length * (count - number)) for number in range(count))
    return Spans(names, tuple(clock.starts(name) for name in names), clock.starts(today + timedelta(days=1)))


def read(engine: sa.engine.Engine, during: Spans) -> Figures:
    """Count what is in the database."""
    m, t = messages.c, tickets.c
    said = sa.select(m.at, m.conversation_id, m.topic, m.outcome, feedback.c.helpful)
    said = said.outerjoin(feedback, feedback.c.message == m.id).where(m.at >= during.starts[0], m.at < during.end)
    signs = sa.select(t.opened_at, t.acknowledged_at, t.tier, t.categories).where(
        t.tier.is_not(None), t.opened_at >= during.starts[0], t.opened_at < during.end
    )
    with engine.connect() as db:
        return count(
            during,
            [Said(*row) for row in db.execute(said)],
            [Raised(row[0], row[1], row[2], tuple(row[3] or ())) for row in db.execute(signs)],
        )


def count(during: Spans, said: Sequence[Said], raised: Sequence[Raised]) -> Figures:
    """Pure."""
    by_topic: dict[str, list[Said]] = {}
    for one in said:
        if one.topic and not one.unanswered:
            by_topic.setdefault(one.topic, []).append(one)
    topics = [_topic(id, found, during) for id, found in by_topic.items()]
    by_category: dict[str, list[Raised]] = {}
    for sign in raised:
        for category in sign.categories or (sign.tier,):
            by_category.setdefault(category, []).append(sign)
    categories = [_category(id, found) for id, found in by_category.items()]
    return Figures(
        spans=during,
        conversations=len({one.conversation for one in said}),
        messages=during.counts(one.at for one in said),
        unanswered=during.counts(one.at for one in said if one.unanswered),
        topics=tuple(sorted(topics, key=lambda topic: (-topic.total, topic.id))),
        categories=tuple(sorted(categories, key=lambda category: (-category.count, category.id))),
        raised=len(raised),
    )


def _topic(id: str, said: Sequence[Said], during: Spans) -> Topic:
    rated = [one.helpful for one in said if one.helpful is not None]
    return Topic(id, during.counts(one.at for one in said), len(rated), rated.count(False))


def _category(id: str, signs: Sequence[Raised]) -> Category:
    minutes = sorted(
        (sign.acknowledged_at - sign.opened_at).total_seconds() / 60 for sign in signs if sign.acknowledged_at
    )
    slow = minutes[math.ceil(0.9 * len(minutes)) - 1] if minutes else None
    return Category(id, len(signs), len(signs) - len(minutes), median(minutes) if minutes else None, slow)
