"""Whatever fails behind the gateway, the patient gets an answer or the number."""

import asyncio
import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .conftest import Patient

LINE = {"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"}


def outcomes(client):
    with client.app.state.parts.journal.engine.connect() as db:
        return list(db.exec_driver_sql("SELECT outcome FROM messages ORDER BY id").scalars())


def assert_names_the_line(messages):
    (message,) = messages
    assert message["text"].startswith("Sorry, I can't answer right now")
    assert message["topic"] == "fallback"
    assert LINE in message["links"]


@pytest.mark.parametrize(
    ("mode", "reason"), [("500", "error"), ("garbage", "error"), ("shape", "error"), ("empty", "empty")]
)
def test_an_answer_that_is_none_becomes_the_clinic_line(patient, client, rasa, mode, reason):
    rasa.mode = mode
    assert_names_the_line(patient.says("How long?"))
    assert outcomes(client) == [reason]
    assert f'patchline_fallbacks_total{{reason="{reason}"}} 1.0' in client.get("/metrics").text


def test_a_rasa_that_hangs_becomes_the_clinic_line_within_the_timeout(start, rasa):
    client = start(rasa_timeout_s=0.3)
    patient = Patient(client)
    rasa.mode = "hang"
    started = time.monotonic()
    assert_names_the_line(patient.says("How long?"))
    assert time.monotonic() - started < 1
    assert outcomes(client) == ["timeout"]


def test_a_rasa_that_is_not_there_becomes_the_clinic_line(start, closed_port):
    client = start(rasa_port=closed_port)
    assert_names_the_line(Patient(client).says("How long?"))
    assert outcomes(client) == ["refused"]


def test_rasa_is_asked_again_once_it_is_back(patient, rasa):
    rasa.mode = "500"
    patient.says("How long?")
    rasa.mode = "answer"
    assert patient.says("How long?")[0]["topic"] == "faq/lie_flat"


def test_two_messages_of_one_conversation_are_never_at_rasa_together(patient, rasa):
    rasa.delay_s = 0.1
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda n: patient.says(f"Question {n}", message_id=f"q{n}"), range(4)))
    assert all(reply[0]["topic"] == "faq/lie_flat" for reply in replies)
    assert rasa.most_at_once == 1


def test_messages_of_two_conversations_are_at_rasa_together(client, rasa):
    rasa.delay_s = 0.3
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda patient: patient.says("Question"), [Patient(client), Patient(client)]))
    assert rasa.most_at_once == 2


def test_the_same_message_twice_at_once_is_asked_once_and_answered_twice(patient, rasa):
    rasa.delay_s = 0.2
    with ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda _: patient.says("How long?", message_id="same"), range(3)))
    assert replies[0] == replies[1] == replies[2]
    assert len(rasa.asked) == 1


def test_a_message_that_its_own_repeat_has_overtaken_is_asked_once(patient, client, rasa, monkeypatch):
    journal, rasa.delay_s = client.app.state.parts.journal, 0.4
    receive = journal.receive

    async def overtaken(conversation_id, entry):
        earlier = await receive(conversation_id, entry)
        while earlier is None and not rasa.asked:  # the first to be kept waits until the other has the turn
            await asyncio.sleep(0.01)
        return earlier

    monkeypatch.setattr(journal, "receive", overtaken)
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda _: patient.says("How long?", message_id="same"), range(2)))
    assert replies[0] == replies[1]
    assert len(rasa.asked) == 1


def test_a_message_behind_one_that_hangs_gets_the_line_in_time(start, rasa):
    client = start(rasa_timeout_s=0.4)
    patient = Patient(client)
    rasa.mode = "hang"
    started = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        replies = list(pool.map(lambda n: patient.says("Question", message_id=f"q{n}"), range(3)))
    for reply in replies:
        assert_names_the_line(reply)
    assert time.monotonic() - started < 1.5


def test_a_message_that_a_crash_left_without_a_reply_is_answered_when_it_comes_again(patient, client, rasa):
    with client.app.state.parts.journal.engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO messages (conversation_id, message_id, at, text) VALUES (?, 'm1', ?, 'Hi')",
            (patient.id, "2026-01-01 00:00:00"),
        )
    assert patient.says("Hi")[0]["topic"] == "faq/lie_flat"
    assert outcomes(client) == ["answered"]


@contextlib.contextmanager
def locked(settings):
    """Another program holds the journal's write lock."""
    other = sqlite3.connect(settings.var / "patchline.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_locked_journal_does_not_keep_rasas_answer_from_the_patient(patient, client, rasa, settings):
    with locked(settings):
        assert patient.says("How long?", message_id="same")[0]["topic"] == "faq/lie_flat"
        assert patient.says("How long?", message_id="same")[0]["topic"] == "faq/lie_flat"
        assert len(rasa.asked) == 1
        assert patient.send(choice="faq/driving").json()["messages"][0]["topic"] == "faq/lie_flat"
        assert client.delete(patient.url, headers=patient.headers).status_code == 503
    assert patient.says("And now?")[0]["topic"] == "faq/lie_flat"


def test_a_locked_journal_and_no_rasa_still_name_the_line(start, closed_port, settings):
    patient = Patient(start(rasa_port=closed_port))
    with locked(settings):
        started = time.monotonic()
        assert_names_the_line(patient.says("How long?"))
        assert time.monotonic() - started < 3


def test_a_conversation_that_began_without_the_journal_goes_into_it_later(client, settings):
    with locked(settings):
        patient = Patient(client)
    patient.says("How long?")
    assert [m["from"] for m in patient.transcript()] == ["patient", "bot"]


def test_a_journal_that_was_deleted_is_made_again(patient, client, settings):
    for file in settings.var.glob("patchline.db*"):
        file.unlink()
    assert patient.says("How long?")[0]["topic"] == "faq/lie_flat"
    client.portal.call(client.app.state.parts.caretaker.round)
    patient.says("Still there?")
    assert "Still there?" in [m["text"] for m in patient.transcript()]


def test_a_gateway_starts_without_its_journal(start, tmp_path):
    (tmp_path / "in-the-way").write_text("")
    client = start(database_url=f"sqlite:///{tmp_path / 'in-the-way' / 'patchline.db'}")
    patient = Patient(client)
    assert patient.says("How long?")[0]["topic"] == "faq/lie_flat"
    response = client.get(patient.url, headers=patient.headers)
    assert response.status_code == 503
    assert response.json()["line"] == "(202) 555-0142"


def test_a_gateway_that_starts_while_the_journal_is_locked_does_not_keep_patients_waiting(start, settings):
    start()
    with locked(settings):
        started = time.monotonic()
        assert Patient(start()).says("How long?")[0]["topic"] == "faq/lie_flat"
        assert time.monotonic() - started < 8


def test_rasa_forgets_later_when_it_was_away(patient, client, rasa):
    parts = client.app.state.parts
    patient.says("How long?")
    rasa.mode = "500"
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    client.portal.call(parts.caretaker.round)
    assert rasa.forgotten == []
    rasa.mode = "answer"
    client.portal.call(parts.caretaker.round)
    assert rasa.forgotten == [patient.id]
    client.portal.call(parts.caretaker.round)
    assert rasa.forgotten == [patient.id]


def test_a_message_that_is_deleted_while_rasa_thinks_does_not_come_back(patient, client, rasa):
    rasa.delay_s = 0.3
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(patient.send, text="How long?")
        time.sleep(0.1)
        deleting = pool.submit(client.delete, patient.url, headers=patient.headers)
        assert asking.result().status_code == 200
        assert deleting.result().status_code == 204
    assert outcomes(client) == []
