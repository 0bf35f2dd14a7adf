"""Several questions in one message: an answer to each, in the order of asking, and what is left out by its name."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.did_you_mean import buttons


class AnswerEach(Action):
    """Utters the response of every `topic` of the latest message, and offers every `left_out` one as a button."""

    def name(self) -> str:
        return "action_answer_each"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        for topic in tracker.get_latest_entity_values("topic"):
            dispatcher.utter_message(response=f"utter_{topic}")
        left_out = buttons(tracker.get_latest_entity_values("left_out"), domain["responses"])
        if left_out:
            dispatcher.utter_message(response="utter_left_out", buttons=left_out)
        return []
