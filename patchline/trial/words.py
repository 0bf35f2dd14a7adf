"""What a report says in plain words, for the desk's pages and the terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patchline.trial.by_stratum import TITLES
from patchline.trial.report import Changed, Meaning, Report, Scores, TopicScore
from patchline.trial.shares import Share

FINDINGS = {
    "conflict": "One sentence, two topics",
    "near_duplicate": "Almost the same sentence in two topics",
    "odd_one": "Perhaps in the wrong topic",
    "thin_topic": "Few examples",
    "test_sentence": "Taught word for word what the tests ask",
    "rasa": "Rules that do not fit",
    "no_answer": "No answer",
    "content": "Content",
    "file": "A file cannot be read",
}
GONE = "(this question is not kept any more)"


@dataclass(frozen=True)
class Row:
    """One score beside the serving model's. `better`: True, False, or None for the same."""

    name: str
    value: str
    live: str
    detail: str
    better: bool | None


@dataclass(frozen=True)
class Change:
    """One message that would be answered differently."""

    words: str
    count: int
    before: Meaning
    after: Meaning
    safety: bool
    past: bool
    right_after: bool | None  # of a message of the tests: whether the new answer is the right one


def headline(report: Report) -> str:
    """The most important sentence.

    >>> headline(Report(Gate(True), Validation(), scores, questions=40))
    'None of 40 past questions would be answered differently.'
    """
    if report.scores is None:
        return "There is no model: something has to be mended first."
    if report.live is None:
        return "There is no serving model to compare with."
    if not report.questions:
        return "There are no past questions to compare with yet."
    count = sum(item.count for item in report.past)
    if not report.past:
        return f"None of {report.questions:,} past questions would be answered differently."
    asked = f", asked {count:,} times," if count > len(report.past) else ""
    which = "1 past question" if len(report.past) == 1 else f"{len(report.past):,} past questions"
    return f"{which} of {report.questions:,}{asked} would be answered differently."


def other_words(report: Report) -> str:
    """How many past questions get their answer in other words; "" for none.

    >>> other_words(Report(Gate(True), Validation(), rewritten=(Rewritten("faq/numbing", "Numbing", "a", "b", 2),)))
    '2 past questions get their answer in other words.'
    """
    count = sum(item.count for item in report.rewritten)
    if not count:
        return ""
    return f"{count:,} past question{'s get their' if count > 1 else ' gets its'} answer in other words."


def rows(report: Report) -> list[Row]:
    """The scores that matter, warning signs first."""
    new, live = report.scores, report.live
    if new is None:
        return []
    return [
        _share("Warning signs noticed", new.signs.sensitivity, live.signs.sensitivity if live else None),
        _share("Emergencies noticed", new.signs.emergency, live.signs.emergency if live else None),
        _share("Crises noticed", new.signs.crisis, live.signs.crisis if live else None),
        _share("Harmless messages left alone", new.signs.harmless, live.signs.harmless if live else None),
        _share("Questions understood", understood(new), understood(live) if live else None),
        _share("What is not ours left alone", new.out_of_scope, live.out_of_scope if live else None),
        *([_share("Your own tests", _staff(new), _staff(live) if live else None)] if new.staff_tests.of else []),
        *([_share("Test conversations", _talks(new), None)] if new.conversations else []),
        _speed(new, live),
    ]


def changes(report: Report, texts: Mapping[int, str]) -> list[Change]:
    """Every change with its words, `texts` by id as far as the journal still has them."""
    return [
        Change(
            item.text or texts.get(item.id or 0, GONE),
            item.count,
            item.before,
            item.after,
            item.about_safety,
            item.id is not None,
            _right(item),
        )
        for item in report.changes
    ]


def weak_topics(scores: Scores, most: int = 12) -> list[TopicScore]:
    """Topics where a test question is not understood, or that changed, worst first."""
    found = [item for item in scores.topics.by_topic.values() if item.right < item.of or _moved(item)]
    return sorted(found, key=lambda item: (item.right / max(1, item.of), item.title))[:most]


def stratum(name: str) -> str:
    """What staff call a kind of messages."""
    return TITLES.get(name, name)


def percent_of(least: float) -> str:
    """
    >>> percent_of(0.985)
    '98.5 %'
    """
    return f"{least * 100:g} %"


def percent(share: Share) -> str:
    """Rounded down, so that 100 % means all.

    >>> percent(Share(757, 760)), percent(Share(3, 3))
    ('99.6 %', '100 %')
    """
    return "100 %" if share.right == share.of else f"{int(share.share * 1000) / 10:.1f} %"


def _share(name: str, new: Share, live: Share | None) -> Row:
    better = None if live is None or new.share == live.share else new.share > live.share
    return Row(name, percent(new), percent(live) if live else "", f"{new.right:,} of {new.of:,}", better)


def _speed(new: Scores, live: Scores | None) -> Row:
    was = f"{live.latency_ms.p50:.0f} ms" if live else ""
    detail = f"95 of 100 within {new.latency_ms.p95:.0f} ms"
    return Row("Time to understand a message", f"{new.latency_ms.p50:.0f} ms", was, detail, None)


def understood(scores: Scores) -> Share:
    """Test questions with the right topic."""
    return Share(scores.topics.right, scores.topics.of)


def _staff(scores: Scores) -> Share:
    return Share(scores.staff_tests.passed, scores.staff_tests.of)


def _talks(scores: Scores) -> Share:
    talks = scores.conversations
    return Share(talks.passed, talks.of) if talks else Share(0, 0)


def _moved(item: TopicScore) -> bool:
    return item.live_right is not None and item.live_right != item.right


def _right(item: Changed) -> bool | None:
    if item.wanted is None:
        return None
    return item.wanted.topic in item.after.topic.split(" + ")
