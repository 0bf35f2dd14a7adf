"""A report as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patchline.trial import words
from patchline.trial.report import Finding, Report

MOST = 30  # changes that are listed; the desk shows all


def lines(report: Report, texts: Mapping[int, str] | None = None) -> Iterator[str]:
    """The gate, what is wrong, the scores, and what changes. `texts`: the words of past questions by id; without them
    their ids are shown, so that no patient's words stand in the log of a scheduled job."""
    yield from _findings(report)
    yield from _scores(report)
    yield from _changes(report, texts)
    yield ""
    yield from (f"CLOSED: {failure}" for failure in report.gate.failures)
    yield "The gate is open." if report.gate.open else "The gate is closed."


def _findings(report: Report) -> Iterator[str]:
    errors, warnings = report.validation.errors, [item for item in report.validation.warnings if item.new]
    for item in errors:
        yield from _finding("ERROR", item)
    for item in warnings:
        yield from _finding("look at", item)


def _finding(kind: str, item: Finding) -> Iterator[str]:
    yield f"{kind}: {item.sentence}"
    yield from (f"    {one.file}:{one.line}  {one.text}" for one in item.examples)


def _scores(report: Report) -> Iterator[str]:
    found = words.rows(report)
    if not found:
        return
    width = max(len(row.name) for row in found)
    yield ""
    yield f"{'':{width}}  {'this model':>10}  {'serving':>10}" if report.live else f"{'':{width}}  {'this model':>10}"
    for row in found:
        mark = {True: "  better", False: "  worse", None: ""}[row.better]
        live = f"  {row.live:>10}" if report.live else ""
        yield f"{row.name:{width}}  {row.value:>10}{live}  {row.detail}{mark}"
    for topic in words.weak_topics(report.scores) if report.scores else ():
        live = f", serving {topic.live_right}" if topic.live_right is not None else ""
        yield f"    {topic.title}: {topic.right} of {topic.of}{live}"


def _changes(report: Report, texts: Mapping[int, str] | None) -> Iterator[str]:
    if report.live is None:
        return
    yield ""
    yield words.headline(report)
    if words.other_words(report):
        yield words.other_words(report)
    for item in report.changes[:MOST]:
        said = item.text if item.id is None else (texts or {}).get(item.id, f"past question {item.id}")
        sign = "! " if item.about_safety else "  "
        times = f" ({item.count} times)" if item.count > 1 else ""
        yield f"{sign}{said}{times}: {item.before.title} -> {item.after.title}"
    if len(report.changes) > MOST:
        yield f"  … and {len(report.changes) - MOST} more"
    for answer in report.rewritten:
        yield f"  answer in other words: {answer.title} ({answer.count} past questions)"
