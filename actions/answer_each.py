"""Several questions in one message: an answer to each, in the order of asking."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class AnswerEach(Action):
    """Utters the response of every `topic` entity of the latest message."""

    def name(self) -> str:
        return "action_answer_each"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        for topic in tracker.get_latest_entity_values("topic"):
            dispatcher.utter_message(response=f"utter_{topic}")
        return []
