"""What a patient's message says to the question that a form has asked. Pure.

A form asks for a name, a number, a time. Patients answer, correct what they said before, ask something back, or would
rather stop; and a name ("Dr. Payne") or a time ("when the baby sleeps") is no question, whatever a model of questions
makes of it. Warning signs never come here: they close the form (`patchline.nlu.policy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from actions import phrases
from patchline import phones

NAME, PHONE, TIME, VISIT, CONSENT = "patient_name", "phone", "best_time", "visit", "consent"
PRESS = "press_"
SURE = 0.6  # of an intent that counts against a plain answer
TOPICS = frozenset({"faq", "not_covered", "clinic", "several_questions"})
ALARMING = frozenset({"what_if", "check"})
NO_TOPIC = frozenset(
    {"out_of_scope", "nlu_fallback", "give_details", "affirm", "deny", "spanish", "smalltalk", "feelings"}
)
LONGEST = 200  # characters of what is kept in one field
NUMBER = 7  # digits that make a number, wherever they stand
SOME_NUMBER = 4  # digits that are meant as one where a number was asked for
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    **{f"{PRESS}{option}": {TIME: option} for option in ("any_time", "morning", "afternoon")},
    **{f"{PRESS}{option}": {VISIT: option} for option in ("new_visit", "change_visit", "cancel_visit", "other_visit")},
    f"{PRESS}skip": {NAME: ""},
    f"{PRESS}yes": {CONSENT: True},
    f"{PRESS}try_again": {CONSENT: True},
}


@dataclass(frozen=True)
class Said:
    """One message as it was understood; `repeated`: the patient's message before was the same."""

    text: str
    intent: str  # Rasa's name, e.g. "faq" or "press_skip"
    confidence: float = 1.0
    repeated: bool = False

    def surely(self, *intents: str) -> bool:
        return self.intent in intents and self.confidence >= SURE

    @property
    def of_a_topic(self) -> bool:
        """Whether it is likely about something that the bot has an answer to."""
        return self.intent in ALARMING or (self.intent not in NO_TOPIC and self.confidence >= SURE)


@dataclass(frozen=True)
class Heard:
    """`values` for slots (None: to be asked for again); or the wish to stop; "why do you need that?"; no answer at all;
    or a question, which somebody else answers.
    """

    kind: Literal["values", "stop", "why", "unclear", "question"]
    values: Mapping[str, Any] = field(default_factory=dict)


STOP, WHY, UNCLEAR, QUESTION = Heard("stop"), Heard("why"), Heard("unclear"), Heard("question")


def heard(asked: str, said: Said, region: str) -> Heard:
    """What a message says when `asked`, a slot, was asked for. Numbers are left as they were written.

    >>> heard("best_time", Said("after 3", "faq", 0.3), "US").values
    {'best_time': 'after 3'}
    """
    if said.intent.startswith(PRESS):
        return _pressed(asked, said.intent)
    meant = asked in (PHONE, CONSENT) or isinstance(phones.find(said.text, region), phones.Number)
    if meant and len(phones.digits_in(said.text)) >= NUMBER:
        return Heard("values", _with_number(asked, said.text, region))
    return _READERS[asked](said)


def _pressed(asked: str, intent: str) -> Heard:
    if intent in (f"{PRESS}stop", f"{PRESS}no"):
        return STOP
    values = OPTIONS.get(intent)
    if values is None:
        return QUESTION  # a button that belongs to something else
    late = values.keys() & {NAME, CONSENT} and asked not in values  # "Skip" and "Yes" answer their question alone
    return UNCLEAR if late else Heard("values", values)


def _with_number(asked: str, text: str, region: str) -> dict[str, str]:
    """A number, and the name or time that was asked for if it stands beside the number."""
    values = {PHONE: text}
    rest = phrases.trimmed(phones.without_number(text, region))
    if asked == NAME and (name := phrases.names(rest)):
        values[NAME] = name
    if asked == TIME and phrases.tells_time(rest):
        values[TIME] = rest[:LONGEST]
    return values


def _to_name(said: Said) -> Heard:
    if phrases.skips_name(said.text):
        return Heard("values", {NAME: ""})
    if phrases.stops(said.text):
        return STOP
    if phrases.asks_why(said.text):
        return WHY
    name = phrases.names(said.text)
    likely = not said.of_a_topic and not phrases.asks(said.text)
    if name and (phrases.surely_a_name(said.text) or likely or said.repeated):
        return Heard("values", {NAME: name[:LONGEST]})
    if said.repeated and likely:
        return Heard("values", {NAME: said.text[:LONGEST]})
    return _early(said) or _otherwise(said)


def _to_phone(said: Said) -> Heard:
    if len(phones.digits_in(said.text)) >= SOME_NUMBER:
        return Heard("values", {PHONE: said.text})
    if phrases.stops(said.text) or phrases.refuses(said.text):
        return STOP
    if phrases.asks_why(said.text):
        return WHY
    if early := _early(said):
        return early
    elsewhere = said.of_a_topic or said.intent in TOPICS
    if phrases.asks(said.text) or (elsewhere and not phrases.speaks_of_a_phone(said.text)):
        return _otherwise(said)
    if said.surely("affirm") or said.surely("deny"):
        return _otherwise(said)
    return Heard("values", {PHONE: said.text})  # "it is on file": not a number, and not lost


def _to_time(said: Said) -> Heard:
    text = said.text
    if phrases.any_time(text):
        return Heard("values", {TIME: "any_time"})
    if phrases.stops(text):
        return STOP
    if phrases.asks_why(text):
        return WHY
    alarming, topic = said.intent in ALARMING, said.surely(*TOPICS)
    timely = phrases.tells_time(text) and not alarming
    if timely and (not phrases.asks(text) or (phrases.proposes(text) and not topic)):
        return Heard("values", {TIME: text[:LONGEST]})
    if alarming or phrases.asks(text) or said.of_a_topic or said.surely("affirm", "deny"):
        return _otherwise(said)
    return Heard("values", {TIME: text[:LONGEST]})


def _to_visit(said: Said) -> Heard:
    if phrases.cancels(said.text):
        return Heard("values", {VISIT: "cancel_visit"})
    if phrases.stops(said.text):
        return STOP
    if phrases.asks_why(said.text):
        return WHY
    about_visit = said.intent == "request_appointment"
    statement = not phrases.asks(said.text) and (said.intent in (*TOPICS, "give_details") or not said.of_a_topic)
    if about_visit or (statement and not said.surely("affirm", "deny")):
        return Heard("values", {VISIT: said.text[:LONGEST]})
    return _otherwise(said)


def _to_consent(said: Said) -> Heard:
    text = said.text
    wrong = phrases.wrong(text)
    if wrong:
        return Heard("values", {wrong: None})
    if phrases.surely_a_name(text) and (name := phrases.names(text)):
        return Heard("values", {NAME: name[:LONGEST]})
    if phrases.stops(text):
        return STOP
    if phrases.agrees(text) and not phrases.objects(text):
        return Heard("values", {CONSENT: True})
    if phrases.asks_why(text):
        return WHY
    if phrases.tells_time(text) and not phrases.asks(text) and said.intent not in ALARMING:
        return Heard("values", {TIME: phrases.trimmed(text)[:LONGEST]})
    if said.surely("affirm") and not phrases.objects(text):
        return Heard("values", {CONSENT: True})
    return UNCLEAR if said.intent == "deny" else _otherwise(said)


def _early(said: Said) -> Heard | None:
    """A time that was not asked for yet."""
    timely = said.intent == "give_details" and phrases.tells_time(said.text) and not phrases.asks(said.text)
    return Heard("values", {TIME: said.text[:LONGEST]}) if timely else None


def _otherwise(said: Said) -> Heard:
    """What is no answer: a wish to stop in other words, something that the bot can answer, or nothing."""
    if said.surely("deny", "goodbye"):
        return STOP
    return QUESTION if said.of_a_topic or said.intent in TOPICS or phrases.asks(said.text) else UNCLEAR


_READERS: dict[str, Callable[[Said], Heard]] = {
    NAME: _to_name,
    PHONE: _to_phone,
    TIME: _to_time,
    VISIT: _to_visit,
    CONSENT: _to_consent,
}
