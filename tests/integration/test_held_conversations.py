"""Conversations around warning signs, held with the running system: what is said, and which numbers can be dialled."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

FILE = Path(__file__).parent / "held_conversations.yml"
SCENARIOS = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda item: item["scenario"])
def test_a_worried_conversation_never_loses_the_number(system, scenario):
    patient = system.patient()
    for turn in scenario["turns"]:
        messages = patient.choose(turn["choose"]) if "choose" in turn else patient.say(turn["say"])
        answered = [message["topic"] for message in messages]
        assert len(answered) == len(turn["topics"]), turn
        for topic, expected in zip(answered, turn["topics"], strict=True):
            assert topic in expected.split("|"), turn
        text = "\n".join(message["text"] for message in messages)
        dialled = {link["href"].removeprefix("tel:") for message in messages for link in message["links"]}
        assert [words for words in turn.get("text", []) if words not in text] == [], text
        assert [words for words in turn.get("never", []) if words in text] == [], text
        assert set(turn.get("links", [])) <= dialled, turn
