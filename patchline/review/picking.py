"""Which messages are worth a look, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patchline.review.names import CHECK, FALLBACK

SIGN, NOT_HELPFUL, NOT_UNDERSTOOD, UNSURE, UNLIKE = "sign", "not_helpful", "not_understood", "unsure", "unlike"
REASONS = (SIGN, NOT_HELPFUL, NOT_UNDERSTOOD, UNSURE, UNLIKE)  # the most telling first
SURE = 0.55  # of the best topic's probability: below it nearly half were wrong, above it one in a hundred
NEAR = 0.5  # cosine to the nearest training example, below which a message is like none (docs/review.md has figures)
IN_A_FORM = ("press_skip", "press_stop")  # buttons of a question for a name or a number
UNTAUGHT = ("affirm", "deny", "give_details", "thanks", "greet", "goodbye")


@dataclass(frozen=True)
class Told:
    """What the journal says of a message. `before`: the reply in front of it, None for none."""

    text: str
    nlu: Mapping[str, Any] | None
    topic: str | None
    helpful: bool | None
    tier: str | None = None
    before: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Picked:
    """`doubt`: 0 (sure) to 1 (not understood at all)."""

    reasons: tuple[str, ...]
    doubt: float


def askable(told: Told) -> bool:
    """Whether it can be a question: in words, read by the model, and no answer to a form's question."""
    return bool(told.nlu) and any(letter.isalpha() for letter in told.text) and not in_a_form(told.before)


def in_a_form(reply: Mapping[str, Any] | None) -> bool:
    """Whether a reply asks for a name, a number or the like: the answer is personal and no question."""
    buttons = (button for message in (reply or {}).get("messages", []) for button in message.get("buttons", []))
    return any(button["choice"].startswith(IN_A_FORM) for button in buttons)


def pick(told: Told, nearness: float, sign: str | None = None) -> Picked | None:
    """None for a message that went well. `nearness` as in `Seen`; `sign`: the tier that is raised for it now.

    >>> pick(Told("can i swim", {"intent": "nlu_fallback", "confidence": 0.3}, "fallback", None), 0.5).reasons
    ('not_understood', 'unlike')
    """
    nlu = told.nlu or {}
    intent, confidence = str(nlu.get("intent") or ""), float(nlu.get("confidence") or 0.0)
    guessed = confidence < SURE and intent not in UNTAUGHT
    found = {
        SIGN: sign is not None and told.tier is None,  # a warning sign that nobody was told of
        NOT_HELPFUL: told.helpful is False,
        NOT_UNDERSTOOD: intent == FALLBACK or told.topic == "fallback",
        UNSURE: intent == CHECK or (guessed and intent != FALLBACK),
        UNLIKE: nearness < NEAR and intent not in UNTAUGHT,
    }
    reasons = tuple(reason for reason in REASONS if found[reason])
    if not reasons:
        return None
    return Picked(reasons, 1.0 if found[NOT_UNDERSTOOD] else max(0.05, 1.0 - confidence))


def worth(reasons: Iterable[Iterable[str]], doubts: Iterable[float]) -> tuple[bool, bool, float]:
    """How much a group is worth a look, for sorting: what may be a warning sign first, then what did not help, then how
    often it was asked times how unsure the bot was.
    """
    all_reasons, all_doubts = [set(one) for one in reasons], list(doubts)
    signs, not_helpful = (sum(reason in one for one in all_reasons) for reason in (SIGN, NOT_HELPFUL))
    return signs > 0, not_helpful > 0, len(all_doubts) * max(all_doubts, default=0.0) * (1 + not_helpful)
