"""The forms in which patients ask for a call back, an appointment, or a nurse's answer.

One call of the action server does all that a message does to a form, the ticket included: what Rasa has been told in an
earlier call of the same turn is lost when the action server dies before the next one.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions.answers import CONSENT, NAME, PHONE, PRESS, Said, heard
from actions.store import content
from actions.wishes import SLOTS, latest_said, pass_on
from patchline import phones

Events = list[dict[str, Any]]
Slots = dict[str, Any]

MOST_TRIES = 3  # of a number; then it is passed on as it was written
WARNINGS = ("utter_red_flag", "utter_again_red_flag")
ENDED = {**dict.fromkeys(SLOTS), REQUESTED_SLOT: None}  # nothing that was given stays


class RequestForm(FormValidationAction):
    """Reads each message while its form is open. What is no answer is left to the rules, which answer it; then the form
    asks again.
    """

    kinds: ClassVar[dict[str, str]]  # kind of wish by the intent that opens the form
    usual: ClassVar[str]  # where it was opened by a "yes"

    @abstractmethod
    def name(self) -> str:
        """`validate_` and the name of the form."""

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """The slots that the latest message gives, not checked yet."""
        said = latest_said(tracker)
        since = tracker.events[tracker.events.index(said) :]
        intent = tracker.latest_message["intent"]["name"]
        if intent in self.kinds or any(event["event"] == "active_loop" for event in since):
            return _set(self._opening(dispatcher, tracker, intent))
        asked = tracker.get_slot(REQUESTED_SLOT)
        if asked is None or any(event["event"] == "bot" for event in since):
            return []  # somebody else has answered it
        return _set(self._heard(dispatcher, tracker, asked, intent))

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """A slot with a method `validate_<slot>` is checked by it; what it says goes for other slots, too."""
        slots = tracker.slots_to_validate()
        for name, value in list(slots.items()):
            if name == PHONE and value is not None:
                slots |= self._number(value, dispatcher, tracker)
            if name == CONSENT and value:
                slots |= await self._consented(dispatcher, tracker)
        return _set(slots)

    def _opening(self, dispatcher: CollectingDispatcher, tracker: Tracker, intent: str) -> Slots:
        """The form is opened; a number that was given on the way is not asked for again."""
        executed = {event["name"] for event in tracker.events if event["event"] == "action"}
        if intent == "affirm" and executed.intersection(WARNINGS):
            dispatcher.utter_message(response="utter_affirm")  # this "ok" was said to the number to call
            return ENDED
        kind = self.kinds.get(intent, self.usual)
        typed = [event for event in tracker.events if event["event"] == "user" and not _pressed(event)]
        question = typed[-1]["text"] if kind == "question" and typed else None
        dispatcher.utter_message(response=f"utter_opens_{kind}", question=question or "")
        given = {"wish": kind, "question": question, "filled_by": latest_said(tracker)["message_id"]}
        numbers = (phones.find(event["text"], content().clinic.region) for event in reversed(typed[-2:]))
        number = next((found for found in numbers if isinstance(found, phones.Number)), None)
        return given | ({PHONE: number.kept} if number else {})

    def _heard(self, dispatcher: CollectingDispatcher, tracker: Tracker, asked: str, intent: str) -> Slots:
        found = heard(asked, _said(tracker, intent), content().clinic.region)
        if found.kind == "question":
            return {}
        if found.kind == "stop":
            dispatcher.utter_message(response="utter_form_stopped")
            return ENDED
        if found.kind == "values":
            fills = {} if found.values.get(CONSENT) else {"filled_by": latest_said(tracker)["message_id"]}
            spoken = {"language": _language_before(tracker)} if asked in (NAME, PHONE) else {}
            return {**found.values, **fills, **spoken, "not_passed_on": None}
        again = f"utter_unclear_{asked}" if asked != PHONE else "utter_phone_no_number"
        response = "utter_why" if found.kind == "why" else again
        dispatcher.utter_message(response=response, example=phones.example(content().clinic.region))
        return {asked: None}

    def _number(self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """A number as it is kept; one that cannot be read is explained, and the third time taken as it was written."""
        if phones.read_kept(text) or text == phones.UNCHECKED:
            return {}
        region, before = content().clinic.region, tracker.get_slot("phone_written") or []
        found = phones.find(text, region)
        if isinstance(found, phones.Misread) and _insists(text, before, region):
            found = phones.possible(text, region) or found
        if isinstance(found, phones.Number):
            return {PHONE: found.kept, "phone_written": None}
        written = [*before, text]
        if len(written) >= MOST_TRIES:
            dispatcher.utter_message(response="utter_phone_as_written")
            return {PHONE: phones.UNCHECKED, "phone_written": written}
        dispatcher.utter_message(
            response=f"utter_phone_{found.reason}", understood=found.understood, example=phones.example(region)
        )
        return {PHONE: None, "phone_written": written}

    async def _consented(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        ticket = await pass_on(tracker)
        if ticket is None:
            return {CONSENT: None, "not_passed_on": True}
        kind = "_appointment" if tracker.get_slot("wish") == "appointment" else ""
        kind = "_unchecked" if tracker.get_slot(PHONE) == phones.UNCHECKED else kind
        dispatcher.utter_message(response=f"utter_passed_on{kind}", reference=ticket.reference)
        return ENDED | {"reference": ticket.reference}


class ValidateCallbackForm(RequestForm):
    kinds: ClassVar = {f"{PRESS}callback": "callback", f"{PRESS}question": "question"}
    usual = "callback"

    def name(self) -> str:
        return "validate_callback_form"


class ValidateAppointmentForm(RequestForm):
    kinds: ClassVar = {f"{PRESS}appointment": "appointment"}
    usual = "appointment"

    def name(self) -> str:
        return "validate_appointment_form"


def _said(tracker: Tracker, intent: str) -> Said:
    texts = [event["text"] for event in tracker.events if event["event"] == "user"]
    confidence = tracker.latest_message["intent"].get("confidence") or 0.0
    return Said(texts[-1], intent, confidence, repeated=texts[-1] in texts[-2:-1])


def _language_before(tracker: Tracker) -> str | None:
    """The conversation's language until the latest message: "Maria de los Angeles" says nothing about it."""
    before = tracker.events[: tracker.events.index(latest_said(tracker))]
    said = (event for event in reversed(before) if event["event"] == "slot" and event["name"] == "language")
    return next((event["value"] for event in said), None)


def _insists(text: str, before: list[str], region: str) -> bool:
    """Whether a number whose area code is unknown was just sent before."""
    number = phones.possible(text, region)
    return bool(number and before) and phones.possible(before[-1], region) == number


def _pressed(event: dict[str, Any]) -> bool:
    return event["text"].startswith("/")


def _set(slots: Slots) -> Events:
    return [SlotSet(name, value) for name, value in slots.items()]
