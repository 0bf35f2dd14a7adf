"""Helpful or not: kept for staff, shown again after a reload, gone with the conversation."""

import pytest

from .conftest import Patient


def rate(patient, body, message_id="m1", **headers):
    url = f"{patient.url}/messages/{message_id}/feedback"
    return patient.client.post(url, json=body, headers={**patient.headers, **headers})


def kept(client):
    with client.app.state.parts.journal.engine.connect() as db:
        return db.exec_driver_sql("SELECT helpful FROM feedback").scalars().all()


def said_of_it(patient):
    return [line["helpful"] for line in patient.transcript() if line["from"] == "patient"]


def test_what_a_patient_says_of_an_answer_stands_in_the_transcript_and_the_latest_word_counts(patient, client):
    patient.says("How long?")
    patient.says("May I eat?")
    assert said_of_it(patient) == [None, None]
    assert rate(patient, {"helpful": False}).status_code == 204
    assert said_of_it(patient) == [False, None]
    assert rate(patient, {"helpful": True}).status_code == 204
    assert said_of_it(patient) == [True, None]
    assert kept(client) == [True]


def test_only_an_answer_of_the_same_conversation_can_be_rated(patient, client):
    patient.says("How long?")
    stranger = Patient(client)
    assert rate(stranger, {"helpful": True}).status_code == 404
    assert rate(patient, {"helpful": True}, message_id="no-such-message").status_code == 404
    assert rate(patient, {"helpful": True}, Authorization=stranger.headers["Authorization"]).status_code == 403
    assert kept(client) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"helpful": "yes"}, "helpful"),
        ({"helpful": 1}, "helpful"),
        ({}, "body"),
        ([], "body"),
        ({"helpful": True, "why": "x"}, "body"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(patient, client, body, field):
    patient.says("How long?")
    response = rate(patient, body)
    assert (response.status_code, response.json()["field"]) == (422, field)
    assert kept(client) == []


def test_a_deleted_conversation_leaves_no_opinion_behind(patient, client):
    patient.says("How long?")
    rate(patient, {"helpful": True})
    client.delete(patient.url, headers=patient.headers)
    assert kept(client) == []


def test_a_database_that_is_away_says_so_and_the_transcript_needs_no_opinions(patient, client, monkeypatch):
    patient.says("How long?")
    with client.app.state.parts.journal.engine.begin() as db:
        db.exec_driver_sql("ALTER TABLE feedback RENAME TO elsewhere")
    response = rate(patient, {"helpful": True})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert "(202) 555-0142" in response.json()["detail"]
    assert said_of_it(patient) == [None]
