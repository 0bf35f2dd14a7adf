"""Past questions of patients, from the journal: what both models are asked, to see what would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from patchline.database import engines
from patchline.gateway.tables import messages
from patchline.settings import Settings
from patchline.trial.plain import plain

MOST = 2000  # different questions, the newest; asking both models takes about half a minute
NOT_FOR_THE_MODEL = ("person", "local")  # outcomes of messages that Rasa was not asked about


@dataclass(frozen=True)
class Question:
    """What somebody asked. `id`: of the newest message with these words; `count`: how often they were written."""

    id: int
    text: str
    count: int = 1


def past_questions(settings: Settings, most: int = MOST) -> list[Question]:
    """Different questions of the journal, newest first; words that differ in case or punctuation only are one.

    None where there is no database yet, or it does not answer: a trial goes on without.
    """
    url = engines.url_of(settings)
    database = sa.engine.make_url(url).database
    if url.startswith("sqlite") and not Path(database or "").exists():
        return []
    engine = engines.make_upkeep_engine(url)
    try:
        return past(engine, most)
    except sa.exc.SQLAlchemyError:
        return []
    finally:
        engine.dispose()


def past(engine: sa.engine.Engine, most: int = MOST) -> list[Question]:
    """As `past_questions`. Raises SQLAlchemy's errors."""
    asked = (
        sa.select(messages.c.id, messages.c.text)
        .where(messages.c.choice.is_(None))
        .where(messages.c.outcome.is_(None) | messages.c.outcome.not_in(NOT_FOR_THE_MODEL))
        .order_by(messages.c.id.desc())
    )
    with engine.connect() as connection:
        return different(connection.execute(asked), most)


def different(rows: Iterable[tuple[int, str]], most: int) -> list[Question]:
    """(id, text), newest first, as questions.

    >>> different([(9, "Lie flat?"), (4, "lie flat"), (2, "eat?")], 10)
    [Question(id=9, text='Lie flat?', count=2), Question(id=2, text='eat?', count=1)]
    """
    newest: dict[str, tuple[int, str]] = {}
    counts: Counter[str] = Counter()
    for number, text in rows:
        key = plain(text)
        if key:
            counts[key] += 1
            newest.setdefault(key, (number, text))
    return [Question(*newest[key], counts[key]) for key in list(newest)[:most]]


def texts(engine: sa.engine.Engine, ids: Iterable[int]) -> dict[int, str]:
    """The words of past questions by id, as far as they are still kept."""
    wanted = sa.select(messages.c.id, messages.c.text).where(messages.c.id.in_(list(ids)))
    with engine.connect() as connection:
        return {row.id: row.text for row in connection.execute(wanted)}
