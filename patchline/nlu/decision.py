"""Raise, check or answer: what becomes of a message that may tell of a warning sign. Pure, the same in every language.

The sign model and the rules give one probability (`calibration`). Sure: the tier's wording and a ticket. In doubt: one
gentle question, with the number. Else the answer. 911 and 988 need evidence in the words; a physical emergency goes
before a crisis. In Spanish, which no model has learnt, and without a sign model, the rules decide alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from patchline.safety.model import Detection, Tier

RAISE: Final = "raise"
CHECK: Final = "check"
ANSWER: Final = "answer"
EMERGENCY: Final = "emergency"
CRISIS: Final = "crisis"
URGENCY: tuple[Tier, ...] = ("clinic", CRISIS, EMERGENCY)  # rising: a body that fails cannot wait for a talk


@dataclass(frozen=True)
class Limits:
    """Chosen on the open halves of the strata; they stand in config.yml. Probabilities as patients' messages come."""

    raised: float = 0.06  # from here on a warning sign is raised
    raised_urgent: float = 0.04  # the same for an emergency or a crisis with evidence in the words: a miss costs more
    checked: float = 0.012  # from here on one question is asked
    checked_question: float = 0.03  # the same for a message that clearly asks something that the page answers
    urgent: float = 0.5  # from here on 911 and 988 need no other evidence than the probability
    words: float = 0.1  # probability by the words alone that counts as evidence for 911 and 988
    emergency: float = 0.4  # share of an emergency among the tiers from which it is one
    stated: float = 0.1  # share from which the rules' tier counts where it is the worse one


@dataclass(frozen=True)
class Seen:
    """What the models see. `probability`: of a warning sign now; `words`: the same by the words alone; `shares`: of
    each tier in it; `question`: whether the message clearly asks something that can be answered.
    """

    probability: float
    words: float
    shares: Mapping[Tier, float]
    question: bool = False


@dataclass(frozen=True)
class Decision:
    """`tier` where the outcome is "raise"; `source`: who saw it, "rules", "model" or "both"; `reasons` in words."""

    outcome: Literal["raise", "check", "answer"]
    tier: Tier | None = None
    source: str | None = None
    reasons: tuple[str, ...] = ()


def decide(detection: Detection, seen: Seen | None, limits: Limits) -> Decision:
    """What becomes of one message. `seen` is None where no model has looked: in Spanish, or without a sign model."""
    if seen is None:
        return _by_rules(detection)
    stated = detection.sure_tier
    reasons = [f"a warning sign with a probability of {seen.probability:.1%}"]
    if stated:
        reasons.append(f"the rules see a sign of the tier {stated}")
    tier = _tier(seen, detection, limits)
    urgent = tier in (EMERGENCY, CRISIS)
    evident = urgent and _evidence(seen, detection, limits)
    needed = limits.raised_urgent if evident else limits.raised
    if seen.probability >= needed:
        if urgent and not evident:
            return Decision(CHECK, None, None, (*reasons, f"not sure enough for {tier}: no evidence in the words"))
        source = "both" if stated else "model"
        return Decision(RAISE, tier, source, (*reasons, f"at least {needed:.0%}, so it is raised as {tier}"))
    least = limits.checked_question if seen.question else limits.checked
    if seen.probability >= least:
        return Decision(CHECK, None, None, (*reasons, f"between {least:.1%} and {needed:.0%}, so it is asked about"))
    return Decision(ANSWER, None, None, (*reasons, f"below {least:.1%}, so the message is answered"))


def _by_rules(detection: Detection) -> Decision:
    if detection.tier:
        return Decision(RAISE, detection.tier, "rules", ("the rules decide alone", "a sign is there now"))
    return Decision(ANSWER, None, None, ("the rules decide alone", "no sign is there now"))


def _tier(seen: Seen, detection: Detection, limits: Limits) -> Tier:
    """The tier of a warning sign: the likeliest, or the rules' where that is more urgent and not unlikely."""
    shares = seen.shares
    likeliest = max(shares, key=lambda tier: shares[tier])
    if shares[EMERGENCY] >= limits.emergency:
        likeliest = EMERGENCY
    stated = {flag.tier for flag in detection.flags if flag.status == "present" and not flag.weak}
    credible = [tier for tier in stated if shares[tier] >= limits.stated]
    return max([likeliest, *credible], key=URGENCY.index)


def _evidence(seen: Seen, detection: Detection, limits: Limits) -> bool:
    return detection.tier is not None or seen.words >= limits.words or seen.probability >= limits.urgent
