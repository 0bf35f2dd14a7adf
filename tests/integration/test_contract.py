"""Odd and hostile messages through the public contract of the running system."""

import json
import sqlite3
import uuid

import pytest


def test_every_reply_has_the_shape_of_the_contract(system):
    (message,) = system.patient().say("how long do i lie flat")
    assert set(message) == {"text", "topic", "sources", "buttons", "links"}
    assert message["sources"][0]["id"] == "steps-6"
    assert "30–60 minutes" in message["sources"][0]["quote"]
    assert message["links"] == [{"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"}]


def test_a_retry_with_the_same_message_id_is_answered_once(system):
    patient = system.patient()
    message_id = uuid.uuid4().hex
    first, second = (patient.post(message_id=message_id, text="can i eat before").json() for _ in range(2))
    assert first == second
    transcript = patient.client.get(patient.url).json()["messages"]
    assert [item["text"] for item in transcript if item["from"] == "patient"] == ["can i eat before"]


def test_a_message_that_is_not_understood_twice_leads_to_a_person(system):
    patient = system.patient()
    unclear = "hm the one with the thing maybe"
    first, second = patient.say(unclear)[0], patient.say(unclear)[0]
    assert first["topic"] == "fallback"
    assert first["buttons"]
    assert "person" in second["text"]
    assert second["links"][0]["href"].startswith("tel:")


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "...?!", "/", "\u200b\u200b"])
def test_a_message_without_words_gets_the_number_and_a_friendly_request(system, text):
    (message,) = system.patient().say(text)
    assert message["topic"] == "fallback"
    assert "(202) 555-0142" in message["text"]


def test_a_story_of_3000_characters_gets_a_friendly_answer_with_the_number(system):
    (message,) = system.patient().say("my sister asked the nurse about the parking and " * 65)
    assert "1,000 characters" in message["text"]
    assert "(202) 555-0142" in message["text"]


def test_a_message_of_10_mb_is_refused_with_the_number(system):
    response = system.patient().post(text="a" * 10_000_000)
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["line"] == "(202) 555-0142"


def test_a_deleted_conversation_is_gone_from_the_journal_and_from_rasa(system):
    patient = system.patient()
    patient.say("my neighbour Zebulon drives me home, is that ok")
    assert patient.client.delete(patient.url).status_code == 204
    assert patient.client.get(patient.url).status_code == 404
    for name, query in (
        ("patchline.db", "select count(*) from messages where conversation_id = ?"),
        ("rasa.db", "select count(*) from events where sender_id = ?"),
    ):
        with sqlite3.connect(system.folder / name) as database:
            assert database.execute(query, (patient.id,)).fetchone() == (0,), name


def test_a_patients_words_never_reach_a_log(system):
    canary = "Quetzalcoatl"
    patient = system.patient()
    for text in (
        f"{canary} can i eat before",
        f"/{canary}{{",
        f"{canary} " * 200,
        f"<b>{canary}</b>",
        f"{canary}\ud800",
    ):
        patient.client.post(
            f"{patient.url}/messages",
            content=f'{{"message_id": "{uuid.uuid4().hex}", "text": {json.dumps(text)}}}',
            headers={"Content-Type": "application/json"},
        )
    logs = [path for path in [*system.folder.glob("logs/*"), system.output] if path.is_file()]
    assert len(logs) >= 3
    assert [path.name for path in logs if canary.encode() in path.read_bytes()] == []
