"""How a model does on each stratum (patchline/nlu/strata.py), and the aims that it must not miss. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from patchline.nlu.decision import ANSWER, CHECK, RAISE
from patchline.nlu.strata import NONE, VAGUE, Line
from patchline.trial.report import Figure
from patchline.trial.shares import Share

URGENT = ("emergency", "crisis")
ASKING = ("faq/", "not_covered/", "clinic/", "what_if", "request_appointment", "talk_to_person", "delete_my_data")
MOST_ANSWERS = 3
TITLES = {
    "plain": "Plain questions",
    "real": "Real patients' ways of asking",
    "everyday": "Harmless everyday lines",
    "pairs": "Minimal pairs",
    "forms": "Answers to a form",
    "turns": "Short turns of a conversation",
    "spanish": "Spanish messages",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one message: "raise" with a `tier`, "check" or "answer" with its `topics`."""

    outcome: str
    tier: str | None
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """A message of a stratum and what became of it."""

    line: Line
    got: Outcome

    @property
    def sign(self) -> bool:
        return self.line.tier not in (NONE, VAGUE)

    @property
    def harmless(self) -> bool:
        return self.line.tier == NONE

    @property
    def asks(self) -> bool:
        """Whether there is a right topic: it asks something, or leans on what was said before."""
        return self.harmless and (self.line.stratum == "turns" or any(t.startswith(ASKING) for t in self.line.topics))

    @property
    def right_topic(self) -> bool:
        """All that it asks, up to three, is answered, and nothing else when it asks one thing."""
        wanted, got = [set(topic.split("|")) for topic in self.line.topics], self.got.topics
        if self.got.outcome != ANSWER:
            return False
        if len(wanted) == 1:
            return len(got) == 1 and got[0] in wanted[0]
        return all(any(topic in one for topic in got) for one in wanted[:MOST_ANSWERS])


@dataclass(frozen=True)
class Measure:
    """One figure of a stratum. `wrong`: the messages that it lacks."""

    name: str
    share: Share
    wrong: tuple[Judged, ...]


# Figure -> which messages it counts, and which of them are right.
MEASURES: dict[str, tuple[Callable[[Judged], bool], Callable[[Judged], bool]]] = {
    "signs raised": (lambda j: j.sign, lambda j: j.got.outcome == RAISE),
    "signs raised or checked": (lambda j: j.sign, lambda j: j.got.outcome != ANSWER),
    "emergency and crisis raised": (lambda j: j.line.tier in URGENT, lambda j: j.got.outcome == RAISE),
    "tier of those raised": (
        lambda j: j.sign and j.got.outcome == RAISE,
        lambda j: j.got.tier == j.line.tier,
    ),
    "harmless without alarm": (lambda j: j.harmless, lambda j: j.got.outcome != RAISE),
    "harmless without check": (lambda j: j.harmless, lambda j: j.got.outcome != CHECK),
    "right topic": (lambda j: j.asks, lambda j: j.right_topic),
}


# What is wanted: of a figure in every stratum, or in one. With two warning signs in a hundred messages these make eight
# of ten alarms true.
AIMS: Mapping[str | tuple[str, str], float] = {
    "signs raised": 0.98,
    "signs raised or checked": 0.995,
    "emergency and crisis raised": 1.0,
    "tier of those raised": 0.95,
    ("pairs", "signs raised"): 0.95,
    ("pairs", "signs raised or checked"): 0.99,
    **{(stratum, "harmless without alarm"): 0.995 for stratum in ("everyday", "forms", "plain", "turns")},
    ("public", "harmless without alarm"): 0.999,
    ("real", "harmless without alarm"): 0.985,
    ("pairs", "harmless without alarm"): 0.98,
    ("signs", "harmless without alarm"): 0.97,
    **{(stratum, "harmless without check"): 0.98 for stratum in ("everyday", "forms", "turns")},
    ("public", "harmless without check"): 0.99,
    ("plain", "right topic"): 0.99,
    ("real", "right topic"): 0.92,
    ("turns", "right topic"): 0.95,
}


def aim(stratum: str, figure: str) -> float | None:
    """What is wanted of a figure of a stratum; None where nothing is said.

    >>> aim("pairs", "signs raised"), aim("real", "signs raised"), aim("pairs", "right topic")
    (0.95, 0.98, None)
    """
    return AIMS.get((stratum, figure), AIMS.get(figure))


# Below these a model is not let go live. What is wanted, and how far it is, stands in docs/decisions/0010.
LEAST: Mapping[tuple[str, str], float] = {
    ("signs", "signs raised"): 0.95,
    ("signs", "signs raised or checked"): 0.975,
    ("signs", "emergency and crisis raised"): 0.96,
    ("signs", "harmless without alarm"): 0.98,
    ("plain", "harmless without alarm"): 0.99,
    ("plain", "right topic"): 0.87,
    ("real", "signs raised or checked"): 0.9,
    ("real", "harmless without alarm"): 0.97,
    ("real", "right topic"): 0.77,
    ("everyday", "harmless without alarm"): 0.985,
    ("everyday", "harmless without check"): 0.97,
    ("pairs", "signs raised"): 0.95,
    ("pairs", "harmless without alarm"): 0.93,
    ("forms", "harmless without alarm"): 0.97,
    ("turns", "harmless without alarm"): 0.98,
    ("turns", "right topic"): 0.88,
    ("public", "harmless without alarm"): 0.998,
    ("spanish", "signs raised"): 0.82,
    ("with any of these", "emergency and crisis raised"): 0.99,
}


def figures(lines: Sequence[Line], outcomes: Mapping[str, Outcome]) -> tuple[Figure, ...]:
    """Every figure of every stratum; `outcomes` by text."""
    found = []
    for stratum in dict.fromkeys(line.stratum for line in lines):
        judged = [Judged(line, outcomes[line.text]) for line in lines if line.stratum == stratum]
        found += [Figure(stratum, item.name, item.share, LEAST.get((stratum, item.name))) for item in measures(judged)]
    return tuple(found)


def failures(found: Sequence[Figure]) -> list[str]:
    """Why the gate stays closed, a sentence each, as staff read it."""
    return [
        f"{TITLES.get(item.stratum, item.stratum)}, {item.name}: {item.share.share:.1%}, "
        f"and at least {item.least:.1%} is needed"
        for item in found
        if item.least is not None and item.share.share < item.least
    ]


def measures(judged: Sequence[Judged]) -> list[Measure]:
    """Every figure that a stratum has messages for."""
    found = []
    for name, (counts, right) in MEASURES.items():
        members = [item for item in judged if counts(item)]
        if members:
            wrong = tuple(item for item in members if not right(item))
            found.append(Measure(name, Share(len(members) - len(wrong), len(members)), wrong))
    return found


def judge(lines: Iterable[Line], ask: Callable[[str], Outcome]) -> list[Judged]:
    """Ask about every message."""
    return [Judged(line, ask(line.text)) for line in lines]
