import json

import pytest

from patchline.gateway.incoming import Said, said
from patchline.gateway.problems import Problem


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ("text", "body"),
        (None, "body"),
        ({"text": "hi"}, "message_id"),
        ({"message_id": "", "text": "hi"}, "message_id"),
        ({"message_id": "a b", "text": "hi"}, "message_id"),
        ({"message_id": "a\n", "text": "hi"}, "message_id"),
        ({"message_id": "ä", "text": "hi"}, "message_id"),
        ({"message_id": "a" * 65, "text": "hi"}, "message_id"),
        ({"message_id": 7, "text": "hi"}, "message_id"),
        ({"message_id": "a"}, "text"),
        ({"message_id": "a", "text": None}, "text"),
        ({"message_id": "a", "text": ["hi"]}, "text"),
        ({"message_id": "a", "choice": 1}, "choice"),
        ({"message_id": "a", "choice": ""}, "choice"),
        ({"message_id": "a", "choice": "x" * 201}, "choice"),
        ({"message_id": "a", "text": "hi", "choice": "x"}, "choice"),
        ({"message_id": "a", "text": "hi", "sender": "x"}, "body"),
    ],
)
def test_a_wrong_field_is_named(body, field):
    with pytest.raises(Problem) as caught:
        said(body)
    assert (caught.value.status, caught.value.field) == (422, field)


def test_text_or_a_choice_with_a_message_id_is_a_message():
    assert said({"message_id": "A_z-9", "text": ""}) == Said("A_z-9", text="")
    assert said({"message_id": "a", "choice": "faq/x"}) == Said("a", choice="faq/x")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nan?", b"\xff\xfe", b'"\xed\xa0\x80"', b"[" * 50_000, b"1" * 5000, '{"a": 1}'.encode("utf-16")],
)
def test_what_is_not_json_is_a_400(patient, client, body):
    headers = {**patient.headers, "Content-Type": "application/json"}
    assert client.post(f"{patient.url}/messages", content=body, headers=headers).status_code == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_another_content_type_is_a_415(patient, client, media_type):
    headers = {**patient.headers, "Content-Type": media_type}
    body = json.dumps({"message_id": "a", "text": "hi"})
    assert client.post(f"{patient.url}/messages", content=body, headers=headers).status_code == 415


def test_a_charset_after_the_content_type_is_fine(patient, client):
    headers = {**patient.headers, "Content-Type": "Application/JSON; charset=utf-8"}
    body = json.dumps({"message_id": "a", "text": "hi"})
    assert client.post(f"{patient.url}/messages", content=body, headers=headers).status_code == 200


def test_a_body_over_64_kib_is_refused(patient, client):
    response = patient.send(text="a" * 70_000)
    assert response.status_code == 413
    assert response.json()["line"] == "(202) 555-0142"
    assert response.headers["connection"] == "close"


def test_a_lone_surrogate_or_a_nul_does_no_harm(patient, client, rasa):
    body = b'{"message_id": "a", "text": "my \\ud800 back\\u0000 \\udfff"}'
    headers = {**patient.headers, "Content-Type": "application/json"}
    assert client.post(f"{patient.url}/messages", content=body, headers=headers).status_code == 200
    assert rasa.asked[0]["text"] == "my back"
    body = b'{"message_id": "b", "choice": "\\ud800\\u0000"}'
    assert client.post(f"{patient.url}/messages", content=body, headers=headers).status_code == 200
    assert len(patient.transcript()) == 5
