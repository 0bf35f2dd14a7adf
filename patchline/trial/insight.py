"""The whole decision on one message in plain words: what was read, seen, compared and decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patchline.nlu.decision import ANSWER
from patchline.nlu.labels import CHECK, SEVERAL, SPANISH
from patchline.safety import explain
from patchline.safety.courtesies import core
from patchline.safety.model import Tier
from patchline.safety.text import clean

WHAT_IF, NOT_UNDERSTOOD = "what_if", "nlu_fallback"
NEXT_BEST = 2
_BUT = {  # what an answer gives way to
    CHECK: "but its words are alarming and nothing else in it is clear, so it is asked about",
    WHAT_IF: "but a sign is only asked about, past or somebody else's, and nothing else in it is clear",
    SPANISH: "but it is in Spanish, and every answer is in English",
}
_ASKED = "In doubt: the patient gets one short check and the clinic line."
_SPANISH = "No alert; in Spanish, which the models do not know: the patient gets the clinic line."


@dataclass(frozen=True)
class Signs:
    """How likely a warning sign is there now, 0 to 1.

    `meaning` and `words`: each view of the sign model by itself; `together`: both with what the rules see, calibrated.
    `shares`: of each tier. `readings`: in how many ways the message was read; the strongest counts.
    """

    meaning: float
    words: float
    together: float
    shares: Mapping[Tier, float]
    readings: int = 1


@dataclass(frozen=True)
class Neighbour:
    """A training example, and how near it is to the message (the cosine of their vectors)."""

    text: str
    intent: str
    cosine: float


@dataclass(frozen=True)
class Topic:
    """What the topic model makes of a message; `ranking`: intents with their probabilities, best first."""

    intent: str
    ranking: Sequence[tuple[str, float]]
    topics: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What is decided: to "raise", "check" or "answer", with the reasons.

    `answer` is the full intent of what the patient gets, which may still be a check or "what if". `relative` and
    `language` choose the wording of a raised `tier`.
    """

    decision: str
    answer: str
    reasons: Sequence[str]
    tier: Tier | None = None
    relative: bool = False
    language: str = "en"


@dataclass(frozen=True)
class Insight:
    """One message and all that is known about it. `rules` and `by_rules`: as `patchline.safety.explain.parts` says it.

    `unseen` says why the sign model has no word in it, where `signs` is None.
    """

    text: str
    rules: Sequence[str]
    by_rules: str
    signs: Signs | None
    nearest: Sequence[Neighbour]
    topic: Topic
    outcome: Outcome
    unseen: str = ""


def told(insight: Insight) -> str:
    """Some fifteen lines of plain text, the message first and what the patient gets last."""
    message, *found = insight.rules
    return "\n".join(
        [
            message,
            *_aside(insight.text),
            *found,
            f"By rules: {insight.by_rules}",
            *(_signs(insight.signs) if insight.signs else [f"Model:    {insight.unseen}"]),
            *_nearest(insight.nearest),
            *_topic(insight.topic),
            *_decided(insight.outcome, insight.topic),
            f"Outcome:  {_outcome(insight.outcome, insight.topic)}",
        ]
    )


def told_by_rules(rules: Sequence[str], by_rules: str, why: str) -> str:
    """The same where nothing but the rules explains: `why` ends a sentence that says so."""
    return "\n".join([*rules, f"Decided:  by the rules alone: {why}", f"Outcome:  {by_rules}"])


def percent(share: float) -> str:
    """With a decimal where it is small, because what is asked about and what is answered may part at a few percent.

    >>> percent(0.476), percent(0.0123), percent(0.0004), percent(0.9999)
    ('48%', '1.2%', 'under 0.1%', 'over 99%')
    """
    if share < 0.001:
        return "under 0.1%"
    if share < 0.0995:
        return f"{share:.1%}"
    return "over 99%" if share >= 0.995 else f"{share:.0%}"


def _aside(text: str) -> list[str]:
    """What politeness the models and the rules read a message without."""
    text = clean(text)
    start, end = core(text)
    polite = [f'"{part}"' for part in (text[:start].strip(), text[end:].strip()) if part]
    kept = text[start:end]
    lines = [f'Aside:    {" and ".join(polite)}: politeness; "{kept}" is read' if polite else "Aside:    no politeness"]
    answer = kept[: core(kept, answers=True)[0]].strip()
    return [*lines, f'          "{answer}": an answer; it is read with and without that'] if answer else lines


def _signs(signs: Signs) -> list[str]:
    order = sorted(signs.shares, key=lambda tier: -signs.shares[tier])
    several = f" (of {signs.readings} readings the strongest)" if signs.readings > 1 else ""
    return [
        f"Model:    a warning sign now: {percent(signs.meaning)} by meaning, {percent(signs.words)} by words{several}",
        f"          {percent(signs.together)} together with the rules, calibrated on messages as patients write them",
        f"          if it is one: {', '.join(f'{tier} {percent(signs.shares[tier])}' for tier in order)}",
    ]


def _nearest(nearest: Sequence[Neighbour]) -> list[str]:
    widest = max((len(item.intent) for item in nearest), default=0)
    return _listed("Nearest:", [f'{item.cosine:.2f}  {item.intent:{widest}}  "{item.text}"' for item in nearest])


def _topic(topic: Topic) -> list[str]:
    best, *others = topic.ranking[: NEXT_BEST + 1]
    one = topic.intent == best[0]
    what = f"{topic.intent} {percent(best[1])}" if one else topic.intent
    if topic.intent == NOT_UNDERSTOOD:
        what += " (not understood)"
    lines = [what, f"topics: {', '.join(topic.topics) or 'none'}"]
    if topic.left_out:
        lines.append(f"beyond what one reply answers: {', '.join(topic.left_out)}")
    listed = ", ".join(f"{intent} {percent(value)}" for intent, value in (others if one else [best, *others]))
    return _listed("Topic:", [*lines, f"{'next best' if one else 'likeliest'}: {listed}"])


def _decided(outcome: Outcome, topic: Topic) -> list[str]:
    gives_way = outcome.decision == ANSWER and outcome.answer != topic.intent
    but = _BUT.get(outcome.answer) if gives_way else None
    return _listed("Decided:", [*outcome.reasons, *([but] if but else [])])


def _outcome(outcome: Outcome, topic: Topic) -> str:
    if outcome.tier:
        return explain.raised(outcome.tier, outcome.relative, outcome.language)
    if outcome.answer == CHECK:
        return explain.VAGUE if outcome.decision == ANSWER else _ASKED
    if outcome.answer == WHAT_IF:
        return explain.WHAT_IF
    if outcome.answer == SPANISH:
        return _SPANISH
    answers = ", ".join(topic.topics) if outcome.answer == SEVERAL else outcome.answer
    return f"{explain.NO_ALERT.removesuffix('.')}: {answers}."


def _listed(label: str, lines: Sequence[str]) -> list[str]:
    """Lines under one label, in a column of their own."""
    return [f"{label if number == 0 else '':10}{line}" for number, line in enumerate(lines)]
