"""Messages that came while the journal was away: in it later, read late, and never back after a deletion."""

import time
from dataclasses import replace
from datetime import datetime

import pytest

from patchline.escalation.spool import Spool
from patchline.gateway.backlog import Unkept
from patchline.gateway.records import Entry

from .conftest import Patient
from .test_escalations import NO_RULE, round_, tickets
from .test_failures import locked, outcomes

SAID = Entry("m1", "¿Cuánto tiempo?", None, datetime(2026, 11, 22, 10, 32, 5, 1234))


def drained(client, limit_s=5):
    """Whether nothing waits any more, in memory or (a moment later) on the disk."""
    backlog, deadline = client.app.state.parts.backlog, time.monotonic() + limit_s

    def waits():
        return len(backlog) or list(client.app.state.parts.settings.backlog.glob("*.json"))

    while waits() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not waits()


def said(patient):
    return [(message["from"], message["text"]) for message in patient.transcript()]


def test_a_message_that_came_while_the_journal_was_away_is_in_it_later_with_its_reply(patient, client, settings):
    with locked(settings):
        reply = patient.says("How long?")
        assert len(list(settings.backlog.glob("*.json"))) == 1
    assert drained(client)
    assert said(patient)[-2:] == [("patient", "How long?"), ("bot", reply[0]["text"])]
    assert list(settings.backlog.glob("*.json")) == []


def test_a_sign_that_only_the_model_sees_is_found_although_journal_and_rasa_were_away(patient, client, rasa, settings):
    rasa.mode = "500"
    with locked(settings):
        patient.says(NO_RULE)
    assert drained(client)
    rasa.mode, rasa.understood = "answer", "red_flag/emergency"
    round_(client)
    assert [(row.tier, row.source, row.late) for row in tickets(client)] == [("emergency", "model", 1)]


def test_it_outlives_the_gateway(start, rasa, settings):
    rasa.mode = "500"
    client = start()
    patient = Patient(client)
    with locked(settings):
        patient.says("How long?")
        client.__exit__(None, None, None)
    client.__exit__ = lambda *args: None
    again = start()
    deadline = time.monotonic() + 5
    while not outcomes(again) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert outcomes(again) == ["error"]


def test_asking_again_while_the_journal_is_away_keeps_the_first_outcome(patient, client, rasa, settings):
    with locked(settings):
        assert patient.says("How long?", message_id="same") == patient.says("How long?", message_id="same")
    assert drained(client)
    assert outcomes(client) == ["answered"]


def test_what_is_deleted_meanwhile_does_not_come_back(patient, client, settings):
    with locked(settings):
        patient.says("How long?")
        kept = Spool(settings.backlog, Unkept.from_json).waiting()
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    for item in kept:
        client.portal.call(client.app.state.parts.backlog.keep, item.conversation_id, item.entry)
    assert drained(client)
    assert outcomes(client) == []
    assert list(settings.backlog.glob("*.json")) == []


@pytest.mark.parametrize(
    "entry",
    [SAID, replace(SAID, outcome="answered", answered_at=SAID.at, reply={"messages": []}, nlu={"intent": "faq"})],
)
def test_a_message_is_the_same_after_the_disk(tmp_path, entry):
    spool, item = Spool(tmp_path / "backlog", Unkept.from_json), Unkept("c1", entry)
    spool.keep(item)
    assert spool.waiting() == [item]


@pytest.mark.parametrize("text", ["{}", '{"message_id": 7}', "[1]", "not json"])
def test_a_file_that_is_no_message_is_set_aside(tmp_path, text):
    spool = Spool(tmp_path, Unkept.from_json)
    (tmp_path / "a.json").write_text(text)
    assert spool.waiting() == []
    assert spool.unreadable() == 1
