"""Conversations through the public contract: what patients type and which topics answer."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

FILE = Path(__file__).parent / "scenarios.yml"
SCENARIOS = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda item: item["scenario"])
def test_a_conversation_goes_as_written(system, scenario):
    patient = system.patient()
    for turn in scenario["turns"]:
        messages = patient.choose(turn["choose"]) if "choose" in turn else patient.say(turn["say"])
        assert [message["topic"] for message in messages] == turn["topics"], turn
        text = "\n".join(message["text"] for message in messages)
        for words in turn.get("text", []):
            assert words in text, turn
