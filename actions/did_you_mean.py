"""A message that was not understood: near topics as buttons; the second time in a row, a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

MOST_CHOICES = 3
NAME = "action_did_you_mean"


class DidYouMean(Action):
    """Offers the likeliest topics under their human titles."""

    def name(self) -> str:
        return NAME

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        offered = choices(tracker.latest_message.get("intent_ranking", []), domain["responses"])
        if not offered or previous_turn_ran(tracker.events, NAME):
            dispatcher.utter_message(response="utter_not_understood")
        else:
            dispatcher.utter_message(response="utter_did_you_mean", buttons=offered)
        return []


def previous_turn_ran(events: list[dict[str, Any]], action: str) -> bool:
    """Whether the bot's turn before the patient's latest message ran `action`.

    >>> previous_turn_ran([{"event": "action", "name": "a"}, {"event": "user"}], "a")
    True
    """
    users = [index for index, event in enumerate(events) if event["event"] == "user"]
    start = users[-2] if len(users) > 1 else 0
    return any(event["event"] == "action" and event["name"] == action for event in events[start : users[-1]])


def choices(ranking: list[dict[str, Any]], responses: dict[str, Any]) -> list[dict[str, str]]:
    """Buttons for the likeliest topics that have a human title, best first."""
    return buttons([item["name"] for item in ranking], responses)[:MOST_CHOICES]


def buttons(topics: Iterable[str], responses: dict[str, Any]) -> list[dict[str, str]]:
    """A button for each of the topics that has a human title."""
    titles = {name: (variants[0].get("metadata") or {}).get("title") for name, variants in responses.items()}
    named = [(topic, titles.get(f"utter_{topic}")) for topic in topics]
    return [{"title": title, "payload": f"/{topic}"} for topic, title in named if title]
