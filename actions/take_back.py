"""A warning sign that was a misunderstanding is taken back: believed, and noted on the ticket for the nurse."""

from __future__ import annotations

import logging
import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.store import engine, in_time
from patchline.escalation.escalation import read_sign
from patchline.escalation.take_back import take_back
from patchline.safety.model import worst

logger = logging.getLogger(__name__)
TAKEN_BACK = "taken_back"  # slot: the message that took the warning signs before it back
URGENT = ("emergency", "crisis")
# A clear word that it was never there. "She is fine" after a call for 911 may also mean that it is over.
CLEAR = re.compile(
    r"misunder|misread|mis-?typ|mis-?heard|mistake|typo|auto-?correct|wrong|false alarm|"
    r"never (?:was|had|said|happened)|not what i (?:meant|said)|i (?:said|meant|mean) if|i meant|did ?n[o']?t mean|"
    r"what if|hypothetical|years? ago|last year|long ago|not me\b|not mine|about my friend|jok(?:e|ing)\b|kidding|"
    r"testing|a test|no one is|nobody is|nothing is wrong|nothing'?s wrong|nothing wrong|isn'?t happening|"
    r"not happening|only asking|just asking|was asking",
    re.IGNORECASE,
)


class TakeBack(Action):
    """Answers "you misunderstood me" by what was raised before; `/take_back` is the button that says so clearly."""

    def name(self) -> str:
        return "action_take_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        tier = raised(tracker)
        if tier is None:
            dispatcher.utter_message(response="utter_take_back")
            return []
        said = tracker.latest_message.get("text") or ""
        if tier in URGENT and not said.startswith("/") and not CLEAR.search(said):
            dispatcher.utter_message(response="utter_take_back_ask")
            return []
        noted = await _noted(tracker)
        dispatcher.utter_message(response="utter_taken_back" if noted else "utter_taken_back_unnoted")
        return [SlotSet(TAKEN_BACK, str(tracker.latest_message.get("message_id") or "yes"))]


def raised(tracker: Tracker) -> str | None:
    """The worst tier that was raised here and not taken back, e.g. "emergency"; None if there is none."""
    tiers: list[Any] = []
    for event in tracker.events:
        if event["event"] == "slot" and event["name"] == TAKEN_BACK and event["value"]:
            tiers = []
        if event["event"] == "bot":
            topic = ((event.get("metadata") or {}).get("metadata") or {}).get("topic")
            sign = read_sign(topic)
            tiers += [sign.tier] if sign else []
    return worst(tiers)


async def _noted(tracker: Tracker) -> bool:
    """Whether it stands on a ticket now."""
    try:
        return await in_time(take_back, engine(), tracker.sender_id) > 0
    except Exception:
        logger.exception("a taken back sign was not noted", extra={"ids": {"conversation": tracker.sender_id}})
        return False
