"""The figures as one long table for a spreadsheet: what, of what, since when, how many. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from patchline.cells import defused
from patchline.desk.insights.figures import Figures
from patchline.trial.titles import Answers

COLUMNS = ("figure", "of", "from", "value")


def table(figures: Figures, titles: Answers, categories: Mapping[str, str]) -> str:
    """CSV (RFC 4180) with one line of headings."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([defused(cell) for cell in row] for row in _rows(figures, titles, categories))
    return out.getvalue()


def _rows(figures: Figures, titles: Answers, categories: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    days = [f"{name:%Y-%m-%d}" for name in figures.spans.names]
    for name, counts in (("messages", figures.messages), ("not answered", figures.unanswered)):
        yield from ((name, "", day, str(count)) for day, count in zip(days, counts, strict=True))
    for topic in figures.topics:
        title = titles.title(topic.id)
        yield from (("asked", title, day, str(count)) for day, count in zip(days, topic.counts, strict=True))
        yield ("rated", title, days[0], str(topic.rated))
        yield ("not helpful", title, days[0], str(topic.not_helpful))
    for one in figures.categories:
        title = categories.get(one.id, one.id)
        yield ("warning signs", title, days[0], str(one.count))
        yield ("not acknowledged", title, days[0], str(one.waiting))
        yield ("minutes to acknowledgement, median", title, days[0], _number(one.median))
        yield ("minutes to acknowledgement, 9 of 10", title, days[0], _number(one.slow))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
