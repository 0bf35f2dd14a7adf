import pytest

from .conftest import LIE_FLAT, NLU, Patient


def test_a_conversation_begins_with_an_id_a_token_and_the_greeting(client):
    response = client.post("/api/conversations")
    body = response.json()
    assert response.status_code == 201
    assert set(body) == {"conversation_id", "token", "greeting"}
    assert "automated assistant" in body["greeting"][0]["text"]
    assert {"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"} in body["greeting"][0]["links"]


def test_a_question_gets_rasas_answer_with_quotes_from_the_document(patient, content):
    response = patient.send(text="How long must I lie flat?")
    assert response.status_code == 200
    assert response.json() == {
        "messages": [
            {
                "text": LIE_FLAT["text"],
                "topic": "faq/lie_flat",
                "sources": [
                    {"id": "steps-6", "section": "How It Is Performed", "quote": content.lines["steps-6"].text}
                ],
                "buttons": LIE_FLAT["buttons"],
                "links": [],
            }
        ],
        "escalation": None,
    }


def test_rasa_is_asked_as_the_port_says(start, rasa):
    Patient(start(internal_token="between-us")).says("  How   long?\n")
    asked = rasa.asked[0]
    assert {key: asked[key] for key in ("message_id", "text")} == {"message_id": "m1", "text": "How long?"}
    assert len(asked["sender"]) == 32
    assert rasa.headers[0]["Authorization"] == "Bearer between-us"


def test_a_button_that_was_offered_is_asked_as_a_choice_and_shown_by_its_title(patient, rasa):
    patient.says("How long?")
    assert patient.send(choice="faq/driving").json()["messages"][0]["topic"] == "faq/lie_flat"
    assert rasa.asked[1]["choice"] == "faq/driving"
    assert "text" not in rasa.asked[1]
    assert [m["text"] for m in patient.transcript() if m["from"] == "patient"] == ["How long?", "May I drive?"]


def test_a_button_stays_open_after_the_gateway_starts_again(start, rasa):
    patient = Patient(start())
    patient.says("How long?")
    patient.client = start()
    assert patient.send(choice="faq/driving").json()["messages"][0]["topic"] == "faq/lie_flat"


def test_a_choice_that_was_never_offered_to_this_patient_has_expired(client, rasa):
    Patient(client).says("How long?")
    other = Patient(client)
    message = other.send(choice="faq/driving").json()["messages"][0]
    assert message["text"].startswith("That button is no longer open")
    assert message["topic"] == "fallback"
    assert len(rasa.asked) == 1


def test_the_same_message_again_gets_the_same_reply_and_is_asked_once(patient, rasa):
    first = patient.send(text="How long?", message_id="same")
    rasa.message = {"text": "Something else."}
    again = patient.send(text="How long?", message_id="same")
    assert again.json() == first.json()
    assert len(rasa.asked) == 1


def test_a_message_id_for_another_message_is_a_conflict(patient):
    patient.send(text="How long?", message_id="same")
    for body in ({"text": "May I eat?"}, {"choice": "faq/driving"}):
        response = patient.send(message_id="same", **body)
        assert response.status_code == 409
        assert response.json()["field"] == "message_id"


def test_the_transcript_has_everything_in_order_from_the_greeting_on(patient):
    patient.says("How long?")
    greeting, question, answer = patient.transcript()
    assert greeting["from"] == "bot"
    assert {key: question[key] for key in ("from", "message_id", "text")} == {
        "from": "patient",
        "message_id": "m1",
        "text": "How long?",
    }
    assert (greeting["reply_to"], answer["reply_to"]) == (None, "m1")
    assert set(answer) == {"from", "at", "reply_to", "text", "topic", "sources", "buttons", "links"}
    assert greeting["at"] <= question["at"] <= answer["at"]
    assert answer["at"].endswith("Z")


def test_the_journal_keeps_what_rasa_understood(patient, client):
    patient.says("How long?")
    with client.app.state.parts.journal.engine.connect() as db:
        row = db.exec_driver_sql("SELECT outcome, topic, nlu, model, flags FROM messages").first()
    assert (row.outcome, row.topic, row.model, row.flags) == ("answered", "faq/lie_flat", "model-1", None)
    assert NLU["intent"] in row.nlu


def test_a_deleted_conversation_is_gone_here_and_at_rasa_and_its_token_finds_nothing(patient, client, rasa):
    patient.says("How long?")
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    assert rasa.forgotten == [patient.id]
    with client.app.state.parts.journal.engine.connect() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM messages").scalar() == 0
        assert db.exec_driver_sql("SELECT count(*) FROM forget").scalar() == 0
        assert db.exec_driver_sql("SELECT greeting FROM conversations").scalar() is None
    for response in (
        client.get(patient.url, headers=patient.headers),
        client.get(f"{patient.url}/events", headers=patient.headers),
        client.delete(patient.url, headers=patient.headers),
        patient.send(text="Hello?"),
    ):
        assert response.status_code == 404
        assert "(202) 555-0142" in response.json()["detail"]


def test_no_word_of_a_deleted_conversation_is_left_in_the_journals_files(patient, client, settings):
    def files():
        return b"".join(file.read_bytes() for file in settings.var.glob("patchline.db*"))

    patient.says("zebrafish-canary")
    assert b"zebrafish-canary" in files()
    client.delete(patient.url, headers=patient.headers)
    assert b"zebrafish-canary" not in files()


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/events"), ("POST", "/messages")])
def test_a_conversation_opens_only_with_its_own_token(client, method, path):
    alice, bob = Patient(client), Patient(client)
    for headers in ({}, {"Authorization": "Bearer x.y"}, {"Authorization": f"Basic {alice.token}"}):
        response = client.request(method, alice.url + path, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
    assert client.request(method, alice.url + path, headers=bob.headers).status_code == 403


def test_an_unknown_address_or_method_is_a_problem_that_names_the_line(client):
    for response, status in (
        (client.get("/no/such/page"), 404),
        (client.put("/api/conversations"), 405),
        (client.post("/static/page.css"), 405),
        (client.get("/api/conversations/"), 404),
    ):
        assert response.status_code == response.json()["status"] == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["line"] == "(202) 555-0142"
        assert (status == 405) == ("allow" in response.headers)


def test_every_answer_has_the_security_headers_and_the_api_is_never_cached(client):
    for path in ("/", "/patchline.js", "/no/such/page", "/api/conversations/x", "/health/live"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert ("no-store" in headers.get("cache-control", "")) == path.startswith("/api")
        assert "set-cookie" not in headers
