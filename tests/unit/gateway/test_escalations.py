"""A flagged message, through the gateway: on record once, and the patient told in every failure."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from patchline.escalation.spool import Spool
from patchline.escalation.tickets import open_ticket
from patchline.gateway.escalations import escalation_of
from patchline.gateway.overlooked import flagged
from patchline.gateway.tables import messages

from .conftest import Patient, warning
from .test_failures import locked

NUMB = "my left leg is numb since the patch"
NO_RULE = "the garden looks so different today"  # the rules see nothing; the stand-in for the model may
NO_URINE = "I cannot urinate at all since this morning"


def tickets(client):
    with client.app.state.parts.journal.engine.connect() as db:
        query = "SELECT tier, source, message_id, late, categories, triggers, reference, signs FROM tickets ORDER BY id"
        return db.exec_driver_sql(query).all()


def wait_for_tickets(client, count, limit_s=8):
    deadline = time.monotonic() + limit_s
    while len(tickets(client)) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return tickets(client)


def round_(client):
    client.portal.call(client.app.state.parts.caretaker.round)


def test_a_flagged_message_is_on_record_before_the_reply(patient, client, rasa):
    rasa.message = warning("clinic")
    body = patient.send(text=NUMB).json()
    (ticket,) = tickets(client)
    assert body["messages"][0]["text"].startswith("Call the clinic today")
    assert body["escalation"] == {"reference": ticket.reference, "tier": "clinic", "status": "recorded"}
    assert (ticket.tier, ticket.source, ticket.message_id, ticket.late) == ("clinic", "rules", "m1", 0)
    assert json.loads(ticket.categories) == ["numb_weak"]
    assert "numb" in json.loads(ticket.triggers)[0]


def test_a_message_without_a_sign_has_no_escalation(patient, client):
    assert patient.send(text="How long?").json()["escalation"] is None
    assert tickets(client) == []


@pytest.mark.parametrize("mode", ["500", "empty", "garbage", "shape"])
def test_without_rasa_the_tiers_wording_and_the_ticket_are_there_all_the_same(patient, client, rasa, content, mode):
    rasa.mode = mode
    body = patient.send(text=NO_URINE).json()
    assert body["messages"][0]["text"] == content.wordings["red_flag/emergency"]
    assert "tel:911" in [link["href"] for link in body["messages"][0]["links"]]
    assert body["escalation"]["status"] == "recorded"
    assert [(row.tier, row.source) for row in tickets(client)] == [("emergency", "rules")]


def test_a_rasa_that_hangs_or_is_gone_changes_nothing_about_it(start, rasa, closed_port):
    rasa.mode = "hang"
    for client in (start(rasa_timeout_s=0.3), start(rasa_port=closed_port)):
        body = Patient(client).send(text=NO_URINE).json()
        assert (body["messages"][0]["topic"], body["escalation"]["tier"]) == ("red_flag/emergency", "emergency")


def test_a_message_behind_one_that_hangs_has_its_wording_too(start, rasa):
    client = start(rasa_timeout_s=0.4)
    patient = Patient(client)
    rasa.mode = "hang"
    with ThreadPoolExecutor(3) as pool:
        bodies = list(pool.map(lambda n: patient.send(text=NUMB, message_id=f"q{n}").json(), range(3)))
    assert {body["messages"][0]["topic"] for body in bodies} == {"red_flag/clinic"}
    assert {body["escalation"]["status"] for body in bodies} == {"recorded"}
    assert len({body["escalation"]["reference"] for body in bodies}) == len(tickets(client))


def test_a_sign_that_only_the_model_sees_is_on_record_as_the_models(patient, client, rasa):
    rasa.message = warning("emergency")
    assert patient.send(text=NO_RULE).json()["escalation"]["tier"] == "emergency"
    assert [(row.tier, row.source, row.categories) for row in tickets(client)] == [("emergency", "model", "[]")]


def test_a_ticket_that_the_action_server_opened_is_the_same_and_gets_what_it_lacks(patient, client, rasa):
    rasa.message = warning("clinic")
    rasa.delay_s = 0.3
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(patient.send, text=NUMB)
        time.sleep(0.15)
        engine = client.app.state.parts.journal.engine
        with engine.connect() as db:
            assert db.execute(messages.select()).one().tier == "clinic"  # journalled before Rasa has answered
        ((_, row),) = flagged(engine, under_way_s=0)
        first = open_ticket(engine, replace(escalation_of(patient.id, row), categories=None, source="model"))
        body = sent.result().json()
    assert body["escalation"]["reference"] == first.reference
    assert [(row.source, row.categories) for row in tickets(client)] == [("both", '["numb_weak"]')]


def test_the_same_message_again_has_the_same_reply_and_one_ticket(patient, client, rasa):
    rasa.message = warning("clinic")
    first = patient.send(text=NUMB, message_id="same").json()
    assert patient.send(text=NUMB, message_id="same").json() == first
    assert len(tickets(client)) == 1


def test_the_tier_never_falls_in_a_conversation_and_the_links_stay(patient, client, rasa):
    rasa.message = warning("emergency")
    patient.send(text=NO_URINE)
    rasa.message = warning("clinic")
    body = patient.send(text=NUMB).json()
    assert body["messages"][0]["topic"] == "red_flag/emergency"
    assert body["escalation"]["tier"] == "emergency"
    rasa.message = {"text": "You are welcome.", "topic": "thanks"}
    hrefs = [link["href"] for link in patient.says("thanks")[0]["links"]]
    assert hrefs == ["tel:911", "tel:+12025550142"]
    assert [(row.tier, row.signs) for row in tickets(client)] == [("emergency", 2)]


def test_another_gateway_knows_what_was_raised_before(start, rasa):
    rasa.message = warning("emergency")
    patient = Patient(start())
    patient.send(text=NO_URINE)
    patient.client = start()
    rasa.message = {"text": "You are welcome.", "topic": "thanks"}
    assert "tel:911" in [link["href"] for link in patient.says("thanks")[0]["links"]]


def test_a_typed_yes_to_a_question_about_a_sign_is_the_patients_choice(patient, client, rasa, monkeypatch):
    monkeypatch.setattr(rasa, "nlu", {"intent": "affirm"})
    rasa.message = warning("emergency")
    assert patient.send(text="yes").json()["escalation"]["status"] == "recorded"
    assert [(row.tier, row.source) for row in tickets(client)] == [("emergency", "choice")]


def test_a_message_that_finds_no_turn_keeps_the_tier_and_the_links(start, rasa):
    client = start(rasa_timeout_s=0.5)
    patient = Patient(client)
    rasa.message = warning("emergency")
    patient.send(text=NO_URINE)
    rasa.mode = "hang"
    with ThreadPoolExecutor(3) as pool:
        bodies = list(pool.map(lambda n: patient.send(text=NUMB, message_id=f"q{n}").json(), range(3)))
    assert {body["messages"][0]["topic"] for body in bodies} == {"red_flag/emergency"}


def test_a_button_that_was_never_offered_still_raises(patient, client):
    body = patient.send(choice="red_flag/emergency").json()
    assert body["messages"][0]["topic"] == "red_flag/emergency"
    assert [(row.tier, row.source) for row in tickets(client)] == [("emergency", "choice")]


def test_a_sign_at_the_end_of_a_message_that_is_too_long_is_on_record(patient, client):
    body = patient.send(text="we went to the market. " * 200 + NO_URINE).json()
    assert [message["topic"] for message in body["messages"]] == ["red_flag/emergency", "fallback"]
    assert [row.tier for row in tickets(client)] == ["emergency"]


def test_a_locked_database_gets_the_ticket_later_once_and_the_patient_is_told_so(patient, client, rasa, settings):
    rasa.message = warning("clinic")
    with locked(settings):
        started = time.monotonic()
        body = patient.send(text=NUMB, message_id="same").json()
        assert time.monotonic() - started < 4
        assert body["messages"][0]["topic"] == "red_flag/clinic"
        assert body["escalation"] == {"reference": None, "tier": "clinic", "status": "pending"}
        assert len(Spool(settings.spool).waiting()) == 1
        assert client.get("/health/ready").json()["escalations"] == {"spooled": 1, "unsaved": 0}
    (ticket,) = wait_for_tickets(client, 1)
    again = patient.send(text=NUMB, message_id="same").json()
    assert again["escalation"] == {"reference": ticket.reference, "tier": "clinic", "status": "recorded"}
    assert again["messages"] == body["messages"]
    round_(client)
    assert len(tickets(client)) == 1
    assert Spool(settings.spool).waiting() == []
    assert client.get("/health/ready").json()["escalations"] == {"spooled": 0, "unsaved": 0}


def test_a_database_that_was_deleted_has_the_ticket_once_it_is_made_again(patient, client, rasa, settings):
    for file in settings.var.glob("patchline.db*"):
        file.unlink()
    rasa.message = warning("clinic")
    assert patient.send(text=NUMB, message_id="same").json()["messages"][0]["topic"] == "red_flag/clinic"
    round_(client)
    assert [row.message_id for row in wait_for_tickets(client, 1)] == ["same"]
    assert patient.send(text=NUMB, message_id="same").json()["escalation"]["status"] == "recorded"


def test_a_database_that_is_full_has_the_ticket_once_there_is_room(patient, client, rasa):
    engine = client.app.state.parts.journal.engine
    rasa.message = warning("clinic")
    refuse = "CREATE TRIGGER full_{0} BEFORE INSERT ON {0} BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    with engine.begin() as db:
        for table in ("tickets", "messages"):
            db.exec_driver_sql(refuse.format(table))
    assert patient.send(text=NUMB).json()["escalation"]["status"] == "pending"
    with engine.begin() as db:
        for table in ("tickets", "messages"):
            db.exec_driver_sql(f"DROP TRIGGER full_{table}")
    assert [row.tier for row in wait_for_tickets(client, 1)] == ["clinic"]


def test_what_is_in_the_spool_outlives_the_gateway(start, rasa, settings):
    rasa.message = warning("clinic")
    client = start()
    patient = Patient(client)
    with locked(settings):
        patient.send(text=NUMB)
        client.__exit__(None, None, None)
    client.__exit__ = lambda *args: None
    again = start()
    assert [row.message_id for row in wait_for_tickets(again, 1)] == ["m1"]
    deadline = time.monotonic() + 5
    while list(settings.spool.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(settings.spool.glob("*.json")) == []


def test_with_the_database_and_the_disk_away_it_is_kept_in_memory_and_the_health_check_says_so(
    patient, client, rasa, settings, monkeypatch
):
    def full(*args):
        raise OSError(28, "No space left on device")

    rasa.message = warning("emergency")
    monkeypatch.setattr(os, "fsync", full)
    with locked(settings):
        body = patient.send(text=NO_URINE).json()
        assert body["escalation"]["status"] == "pending"
        assert client.get("/health/ready").json()["escalations"] == {"spooled": 0, "unsaved": 1}
        rasa.message = {"text": "You are welcome.", "topic": "thanks"}
        assert "tel:911" in [link["href"] for link in patient.says("thanks")[0]["links"]]
    assert [row.tier for row in wait_for_tickets(client, 1)] == ["emergency"]
    assert 'patchline_escalations_waiting{where="memory"} 0.0' in client.get("/metrics").text


def test_a_gateway_that_died_before_the_reply_leaves_a_ticket_at_its_next_start(start, settings, rasa):
    client = start()
    patient = Patient(client)
    flags = '{"tier": "clinic", "flags": [{"status": "present", "category": "numb_weak"}], "triggers": ["leg is numb"]}'
    with client.app.state.parts.journal.engine.begin() as db:
        row = (patient.id, "2026-11-22 10:00:00", flags)
        db.exec_driver_sql(
            "INSERT INTO messages (conversation_id, message_id, at, text, flags, tier) "
            "VALUES (?, 'm1', ?, 'my leg is numb', ?, 'clinic')",
            row,
        )
    again = start()
    (ticket,) = tickets(again)
    assert (ticket.tier, ticket.source, ticket.categories) == ("clinic", "rules", '["numb_weak"]')
    round_(again)
    assert len(tickets(again)) == 1


def test_a_message_that_rasa_could_not_read_is_read_once_it_is_back(patient, client, rasa):
    rasa.mode = "500"
    patient.says(NO_RULE)
    patient.says("what a nice day")
    round_(client)
    assert tickets(client) == []
    rasa.mode, rasa.understood = "answer", "red_flag/emergency"
    round_(client)
    assert sorted(rasa.parsed[-2:]) == [NO_RULE, "what a nice day"]
    assert {(row.tier, row.source, row.late) for row in tickets(client)} == {("emergency", "model", 1)}
    asked = len(rasa.parsed)
    round_(client)
    assert len(rasa.parsed) == asked
    assert "patchline_escalations_late_total 2.0" in client.get("/metrics").text
    assert [m["escalation"]["tier"] for m in patient.transcript() if m["from"] == "patient"] == ["emergency"] * 2


def test_a_harmless_message_that_is_read_late_opens_nothing(patient, client, rasa):
    rasa.mode = "empty"
    patient.says("How long?")
    rasa.mode = "answer"
    round_(client)
    round_(client)
    assert (rasa.parsed, tickets(client)) == (["How long?"], [])


def test_a_message_of_yesterday_is_not_read_late(patient, client, rasa):
    rasa.mode = "empty"
    patient.says("How long?")
    with client.app.state.parts.journal.engine.begin() as db:
        db.exec_driver_sql("UPDATE messages SET at = datetime('now', '-25 hours')")
    rasa.mode = "answer"
    round_(client)
    assert rasa.parsed == []


def test_the_transcript_has_the_escalation_of_each_message(patient, rasa):
    patient.says("How long?")
    rasa.message = warning("clinic")
    reference = patient.send(text=NUMB).json()["escalation"]["reference"]
    found = [message["escalation"] for message in patient.transcript() if message["from"] == "patient"]
    assert found == [None, {"reference": reference, "tier": "clinic", "status": "recorded"}]


def test_a_deleted_conversation_leaves_its_tickets_also_one_that_was_still_to_come(patient, client, rasa):
    rasa.message = warning("clinic")
    patient.send(text=NUMB)
    with client.app.state.parts.journal.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM tickets")
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    assert len(tickets(client)) == 1


def test_escalations_are_counted_by_tier_and_net(patient, client, rasa):
    rasa.message = warning("clinic")
    patient.send(text=NUMB)
    page = client.get("/metrics").text
    assert 'patchline_escalations_total{source="rules",tier="clinic"} 1.0' in page
    assert "patchline_escalations_late_total 0.0" in page
    assert "patchline_escalations_spooled_total 0.0" in page


def test_a_patients_words_are_in_no_log_while_everything_fails(patient, rasa, settings, caplog, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    rasa.mode = "500"
    with caplog.at_level("DEBUG"), locked(settings):
        patient.send(text=f"{NUMB} zebrafish-canary")
    assert "numb" not in caplog.text
    assert "zebrafish" not in caplog.text
    assert "spool_failed" in caplog.text
