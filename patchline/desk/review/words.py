"""What the review inbox says: reasons, acts and decisions in plain words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from patchline.review import acts, picking
from patchline.review.inbox import Decision, Group
from patchline.trial.titles import Answers

REASONS = {
    picking.SIGN: "May be a warning sign",
    picking.NOT_HELPFUL: "Did not help",
    picking.NOT_UNDERSTOOD: "Not understood",
    picking.UNSURE: "The bot was unsure",
    picking.UNLIKE: "Unlike anything taught",
}
TIERS = {"clinic": "Call the clinic today", "emergency": "Emergency", "crisis": "Crisis"}
FALLBACK = "not understood: “Did you mean …?”"


def times(count: int) -> str:
    """
    >>> times(1), times(2), times(5)
    ('once', 'twice', '5 times')
    """
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def answered(group: Group, titles: Mapping[str, str]) -> list[str]:
    """What patients got as an answer, the most frequent first."""
    got = [item.answered or "" for item in group.items]
    return [title(topic, titles) for topic in sorted(set(got), key=lambda topic: -got.count(topic))]


def title(topic: str | None, titles: Mapping[str, str]) -> str:
    """A topic as staff know it."""
    if topic in (None, "", "fallback", "nlu_fallback"):
        return FALLBACK
    return Answers(titles).title(topic)


def decision(one: Decision, titles: Mapping[str, str]) -> str:
    """What somebody decided, in a sentence without a name.

    >>> decision(taught, titles)
    'Taught as “Activity after it”'
    """
    said = title(one.topic, titles) if one.topic else ""
    written = "Taught as" if one.change else "Noted as"
    return {
        acts.RIGHT: "The answer was right" + (f"; kept as a test of “{said}”" if one.change else ""),
        acts.TOPIC: f"{written} “{said}”",
        acts.NOT_OURS: "Not for us",
        acts.SIGN: f"A warning sign: {TIERS.get((one.topic or '').partition('/')[2], said)}",
        acts.DISCARD: "Discarded",
    }.get(one.act, one.act)
