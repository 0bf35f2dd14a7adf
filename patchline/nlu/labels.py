"""What a training sentence teaches: whether there is a warning sign, and what is wanted. Pure."""

from __future__ import annotations

from patchline.safety.model import TIERS

NONE = "none"
SIGNS = (NONE, *TIERS)  # classes of the sign model
RED_FLAG = "red_flag/"
CHECK = "check"  # alarming, but too vague for a tier
SEVERAL = "several_questions"
SPANISH = "spanish"
PRESS = "press_"  # intents that only buttons have; their examples are the words on them
NOT_LEARNT = (SPANISH,)  # recognised by rules: the encoder knows English alone
VAGUE = {NONE: 0.5, "clinic": 0.35, "emergency": 0.15}  # what a vague message may turn out to be


def learnt(intent: str) -> bool:
    """Whether any model learns from the examples of an intent."""
    return intent not in NOT_LEARNT and not intent.startswith(PRESS)


def is_topic(intent: str) -> bool:
    """Whether the topic model learns it: what is wanted, where there is no warning sign."""
    return learnt(intent) and intent not in (CHECK, SEVERAL) and not intent.startswith(RED_FLAG)


def sign_shares(intent: str) -> list[float]:
    """How much of each of `SIGNS` an example of this intent is.

    >>> sign_shares("red_flag/crisis"), sign_shares("faq/lie_flat")
    ([0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0])
    """
    shares = VAGUE if intent == CHECK else {intent.removeprefix(RED_FLAG) if intent.startswith(RED_FLAG) else NONE: 1.0}
    return [shares.get(sign, 0.0) for sign in SIGNS]
