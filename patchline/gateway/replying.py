"""Which words a patient gets: Rasa's, or the clinic's own where Rasa says too little. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patchline.escalation.escalation import read_sign
from patchline.escalation.parsed import RAISED
from patchline.gateway.dialogue import Answer
from patchline.gateway.hearing import Heard
from patchline.gateway.messages import Message, Messages
from patchline.gateway.reading import Reading
from patchline.safety.model import Tier, worst

LOCAL, WITH_PERSON = "local", "person"  # outcomes without Rasa: answered here; left to a person in the chat
SPANISH = "spanish"


@dataclass(frozen=True)
class Outcome:
    """What came of a message: Rasa's answer, or in one word why there is none."""

    name: str  # answered | timeout | refused | error | empty | local | person
    answer: Answer | None = None
    rasa_ms: float | None = None

    @property
    def reason(self) -> str | None:
        """Why Rasa, which was asked, gave no answer."""
        return None if self.answer or self.name in (LOCAL, WITH_PERSON) else self.name


@dataclass(frozen=True)
class Draft:
    """A reply's messages, and the tier that has to be on record for the message."""

    messages: list[Message]
    tier: Tier | None

    @property
    def topic(self) -> str | None:
        return next((message["topic"] for message in self.messages if message["topic"]), None)


def draft(
    heard: Heard,
    outcome: Outcome,
    before: Collection[Tier],
    messages: Messages,
    at: datetime,
    reading: Reading | None = None,
) -> Draft:
    """The reply to one message. `before` are the tiers of the conversation's earlier escalations; `reading` is what the
    model made of it before it was asked.

    A warning sign has its tier's wording in every case: it is put here unless Rasa has said it word for word. What its
    answer calls itself is not enough: a model of other content would name the right topic above any text.
    """
    given = [messages.answer(said) for said in outcome.answer.messages] if outcome.answer else []
    answered = worst(_tier(message["topic"]) for message in given)
    tier = worst([raised(heard, answered, _looked(outcome)), read_tier(heard, reading) if reading else None])
    tier = not_below(tier, before)
    if tier is None:
        given = given or [messages.wording(_instead(heard, outcome), at=at)]
    elif not any(messages.is_warning(message, tier, at) for message in given):
        given = [messages.warning(tier, heard.language, heard.relative, at)]
        if heard.wording == "too_long":
            given.append(messages.wording(heard.wording, at=at))
    return Draft(messages.with_lines(given, {*before, *([tier] if tier else [])}), tier)


def raised(heard: Heard, answered: Tier | None, looked: Mapping[str, Any] | None) -> Tier | None:
    """The tier of a message: the worst of what the rules, the button and Rasa say.

    `looked` is what both nets made of it together in Rasa. Where nobody could look with both (Rasa is away, or runs a
    model of something else, or the words are disguised), every word that the rules know counts: over-calling is cheap.
    """
    if heard.entry.choice is not None:
        return worst([heard.entry.tier, answered])
    together = looked["tier"] if looked else None
    return worst([together if looked and heard.legible else heard.detection.tier, together, answered])


def read_tier(heard: Heard, reading: Reading | None) -> Tier | None:
    """The tier of a message that was read and not asked; by the rules alone where the model could not read it."""
    return raised(heard, reading.tier, reading.looked) if reading else raised(heard, None, None)


def _looked(outcome: Outcome) -> Mapping[str, Any] | None:
    """What the red-flag component made of the message; None where it had no say."""
    return (outcome.answer.nlu or {}).get(RAISED) if outcome.answer else None


def not_below(tier: Tier | None, before: Collection[Tier]) -> Tier | None:
    """An emergency stays one when a lesser sign follows. A crisis stands for itself: what follows has its own wording.

    >>> not_below("clinic", {"emergency"}), not_below("clinic", {"crisis"}), not_below(None, {"emergency"})
    ('emergency', 'clinic', None)
    """
    return "emergency" if tier == "clinic" and "emergency" in before else tier


def _instead(heard: Heard, outcome: Outcome) -> str:
    """The wording in place of an answer."""
    if outcome.reason is None:
        return heard.wording or "unavailable"
    return SPANISH if heard.language == "es" else "unavailable"


def _tier(topic: str | None) -> Tier | None:
    sign = read_sign(topic)
    return sign.tier if sign else None
