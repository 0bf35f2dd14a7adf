"""`action_escalate`, run as the action server runs it, on a real database."""

import asyncio
import logging
from datetime import datetime

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import escalate
from actions.escalate import Escalate, escalation_of
from patchline.escalation.tickets import tickets_of

from .test_escalation import parsed

SAID = {"event": "user", "text": "my leg is numb", "message_id": "m1", "timestamp": 1795343520.0}


def tracker(latest, slots=None, said=SAID):
    events = [{"event": "action", "name": "action_listen"}, said, {"event": "bot", "text": "Call the clinic today."}]
    return Tracker("c1", slots or {}, latest, events, False, None, {}, "utter_red_flag")


@pytest.fixture
def own_engine(engine, monkeypatch):
    monkeypatch.setattr(escalate, "engine", lambda: engine)
    return engine


def run(tracker):
    dispatcher = CollectingDispatcher()
    events = asyncio.run(Escalate().run(dispatcher, tracker, {}))
    assert dispatcher.messages == []
    return events


def test_the_ticket_names_the_conversation_and_the_gateways_message(own_engine):
    raised = {"tier": "clinic", "source": "both", "language": "en", "relative": True}
    assert run(tracker(parsed("red_flag/clinic_they", raised=raised))) == []
    (ticket,) = tickets_of(own_engine, "c1").values()
    found = ticket.escalation
    assert (found.message_id, found.tier, found.source, found.relative) == ("m1", "clinic", "both", True)
    assert found.categories is None
    assert found.said_at == datetime(2026, 11, 22, 10, 32)


def test_a_button_and_a_typed_yes_are_the_patients_own_choice():
    button = tracker(parsed("red_flag/emergency"))
    typed = tracker(parsed("affirm", raised=None), slots={"asked": "emergency", "language": "es", "relative": True})
    assert (escalation_of(button).source, escalation_of(button).tier) == ("choice", "emergency")
    found = escalation_of(typed)
    assert (found.source, found.tier, found.language, found.relative) == ("choice", "emergency", "es", True)


def test_a_message_that_is_no_warning_sign_opens_nothing(own_engine):
    assert run(tracker(parsed("thanks"))) == []
    assert tickets_of(own_engine, "c1") == {}


def test_a_locked_database_does_not_fail_the_turn_and_the_log_has_ids_only(own_engine, held, caplog):
    with held(), caplog.at_level(logging.ERROR):
        assert run(tracker(parsed("red_flag/clinic"))) == []
    (record,) = [record for record in caplog.records if record.name == "actions.escalate"]
    assert record.ids == {"conversation": "c1", "message": "m1"}
    assert "leg is numb" not in caplog.text
    assert tickets_of(own_engine, "c1") == {}
