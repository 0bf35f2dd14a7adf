"""What the rules net says of one message: `Detection` and its `Flag`s. Pure data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Tier = Literal["clinic", "emergency", "crisis"]
Status = Literal["present", "negated", "hypothetical", "history", "other_person", "before_patch"]

TIERS: tuple[Tier, ...] = ("clinic", "emergency", "crisis")  # rising
CATEGORIES: dict[Tier, tuple[str, ...]] = {
    "clinic": ("headache_back", "fever_infection", "numb_weak", "urinating", "back_pain"),
    "emergency": (
        "bladder_bowel",
        "saddle",
        "cannot_move_legs",
        "fever_with_sign",
        "worst_headache",
        "stroke",
        "seizure_faint",
        "chest_breath",
        "swollen_calf",
        "vision",
        "allergy",
    ),
    "crisis": ("suicidal", "self_harm", "harm_baby", "overdose"),
}
# Softened to "is this happening to you now?" with the call list, never silenced. Negation alone silences, and the
# typical spinal headache before any patch is the reason why people come.
SOFT: frozenset[Status] = frozenset({"hypothetical", "history", "other_person"})


def worst(tiers: Iterable[Tier | None]) -> Tier | None:
    """The highest tier; None for none.

    >>> worst(["clinic", None, "emergency"])
    'emergency'
    """
    return max((tier for tier in tiers if tier), key=TIERS.index, default=None)


def worse(one: Tier, other: Tier) -> Tier:
    """The higher of two tiers."""
    return max(one, other, key=TIERS.index)


@dataclass(frozen=True)
class Flag:
    """One warning sign in a message."""

    id: str  # the pattern group's id in red_flags.yml, e.g. "leg-numb"
    tier: Tier
    category: str  # one of CATEGORIES[tier]
    span: tuple[int, int]  # characters of the cleaned text, end exclusive
    words: str  # the cleaned text under `span`; a patient's words: never into a log
    status: Status = "present"
    rule: str | None = None  # id of the context rule that lowered it
    weak: bool = False  # of a group too common to raise without some support of the intent model


@dataclass(frozen=True)
class Detection:
    """The flags of one message and what they come to."""

    tier: Tier | None  # the highest tier of a present flag, weak ones too
    flags: tuple[Flag, ...] = ()  # in reading order, also the lowered ones
    what_if: bool = False  # nothing sure is present, but a warning sign is hypothetical, past or somebody else's
    unclear: bool = False  # alarming but vague, and nothing sure is present: one short check and the line
    relative: bool = False  # written for somebody else: "my wife", "he", "mi esposo"
    language: Literal["en", "es"] = "en"

    @property
    def sure_tier(self) -> Tier | None:
        """The highest tier of a present flag that raises by itself; never above `tier`."""
        return worst(flag.tier for flag in self.flags if flag.status == "present" and not flag.weak)

    def to_json(self) -> dict[str, Any]:
        """For the journal and for tickets: no word of the patient, only where in the message the flags stand."""
        return {
            "tier": self.tier,
            "sure_tier": self.sure_tier,
            "what_if": self.what_if,
            "unclear": self.unclear,
            "relative": self.relative,
            "language": self.language,
            "flags": [
                {
                    "id": flag.id,
                    "tier": flag.tier,
                    "category": flag.category,
                    "span": list(flag.span),
                    "status": flag.status,
                    "rule": flag.rule,
                    "weak": flag.weak,
                }
                for flag in self.flags
            ],
        }
