"""A nurse in the chat: the bot listens, and speaks for warning signs and pressed buttons alone."""

from datetime import timedelta

import pytest

from patchline.database.schema import now
from patchline.escalation import desk_api as desk
from patchline.escalation import presence
from patchline.gateway.tables import messages

from .conftest import LIE_FLAT, Patient, warning

NUMB = "my left leg is numb since the patch"
NO_URINE = "I cannot urinate at all since this morning"
NO_RULE = "the garden looks so different today"  # the rules see nothing; the stand-in for the model may


class Nurse:
    """Somebody at the desk, who has the ticket of a patient."""

    def __init__(self, client, patient):
        self.engine = client.app.state.parts.journal.engine
        self.patient = patient
        patient.send(text=NUMB, message_id="flagged")
        self.reference = desk.cases_of(self.engine, patient.id)[0].reference

    def writes(self, text="How are you?", ago=timedelta(0)):
        desk.message_to_patient(self.engine, self.reference, "Maria Lopez", now() - ago, text)

    def leaves(self):
        desk.hand_back(self.engine, self.reference, "Maria Lopez", now())

    def sees(self):
        return [(line.action, line.note) for line in desk.events_of(self.engine, self.reference)]

    def journal(self, message_id):
        with self.engine.connect() as db:
            return db.execute(messages.select().where(messages.c.message_id == message_id)).one()


@pytest.fixture
def nurse(client, patient, rasa):
    rasa.message = warning("clinic")
    nurse = Nurse(client, patient)
    rasa.message = LIE_FLAT
    rasa.asked.clear()
    return nurse


def round_(client):
    client.portal.call(client.app.state.parts.caretaker.round)


def chat(patient):
    body = patient.client.get(patient.url, headers=patient.headers).json()
    return body["messages"], body["last_event_id"], body["with_person"]


def test_what_is_written_to_a_nurse_is_hers_to_answer(patient, nurse, rasa):
    nurse.writes()
    body = patient.send(text="a bit better, thank you", message_id="m5").json()
    assert body == {"messages": [], "escalation": None, "with_person": True}
    assert rasa.asked == []  # the dialogue goes on later as if nothing had been said
    assert rasa.parsed == ["a bit better, thank you"]
    assert nurse.sees()[-1] == ("wrote", "m5")
    assert nurse.journal("m5").outcome == "person"


def test_the_same_message_again_has_the_same_reply_and_is_on_record_once(patient, nurse):
    nurse.writes()
    first = patient.send(text="a bit better", message_id="m5").json()
    assert patient.send(text="a bit better", message_id="m5").json() == first
    assert [line for line in nurse.sees() if line[0] == "wrote"] == [("wrote", "m5")]


@pytest.mark.parametrize(("text", "understood", "tier"), [
    (NO_URINE, "faq/lie_flat", "emergency"),  # the rules see it
    (NO_RULE, "red_flag/crisis", "crisis"),  # the model sees it
])  # fmt: skip
def test_a_warning_sign_has_its_wording_and_its_ticket_all_the_same(
    patient, nurse, rasa, content, text, understood, tier
):
    nurse.writes()
    rasa.understood, rasa.message = understood, warning(tier)
    body = patient.send(text=text, message_id="m5").json()
    assert body["messages"][0]["text"].startswith(content.wordings[f"red_flag/{tier}"][:20])
    assert (body["escalation"]["tier"], body["escalation"]["status"]) == (tier, "recorded")
    assert body["with_person"] is True
    assert [asked["text"] for asked in rasa.asked] == [text]
    assert ("wrote", "m5") in nurse.sees()


def test_a_sign_that_the_model_saw_alone_has_its_wording_also_when_the_dialogue_says_nothing_of_it(
    patient, nurse, rasa, content
):
    nurse.writes()
    rasa.understood = "red_flag/emergency"
    body = patient.send(text=NO_RULE).json()
    assert body["messages"][0]["text"] == content.wordings["red_flag/emergency"]
    assert body["escalation"]["tier"] == "emergency"


def test_without_rasa_the_rules_decide_and_what_was_not_read_is_read_later(client, patient, nurse, rasa, content):
    nurse.writes()
    rasa.mode = "500"
    assert patient.send(text=NO_URINE).json()["messages"][0]["text"] == content.wordings["red_flag/emergency"]
    assert patient.send(text=NO_RULE, message_id="m5").json()["messages"] == []
    assert nurse.journal("m5").nlu is None
    rasa.mode, rasa.understood = "answer", "red_flag/emergency"
    round_(client)
    late = [case for case in desk.cases_of(nurse.engine, patient.id) if case.message_id == "m5"]
    assert [(case.tier, case.late) for case in late] == [("emergency", True)]
    (told,) = [line for line in chat(patient)[0] if line["from"] == "clinic" and line["reference"] == late[0].reference]
    assert "Call 911 now" in told["text"]


def test_a_rasa_that_hangs_keeps_a_patient_with_a_sign_waiting_no_longer_than_otherwise(start, rasa, content):
    client = start(rasa_timeout_s=0.6)
    patient = Patient(client)
    rasa.message = warning("clinic")
    Nurse(client, patient).writes()
    rasa.mode = "hang"
    response = patient.send(text=NO_URINE)
    assert response.json()["messages"][0]["text"] == content.wordings["red_flag/emergency"]
    assert response.elapsed.total_seconds() < 4


def test_what_was_read_at_the_time_is_not_read_again(client, patient, nurse, rasa):
    nurse.writes()
    patient.send(text="a bit better")
    round_(client)
    assert rasa.parsed == ["a bit better"]


def test_a_pressed_button_is_answered(patient, nurse, rasa):
    rasa.message = LIE_FLAT
    patient.send(text="How long?")
    nurse.writes()
    body = patient.send(choice="faq/driving", message_id="m5").json()
    assert body["messages"][0]["text"] == LIE_FLAT["text"]
    assert body["with_person"] is True
    assert rasa.asked[-1]["choice"] == "faq/driving"
    assert not any(line[0] == "wrote" for line in nurse.sees())


def test_the_yes_to_is_this_happening_now_is_an_emergency_also_while_a_nurse_is_there(patient, nurse, rasa):
    rasa.message = {**LIE_FLAT, "topic": "what_if", "buttons": [{"title": "Yes", "choice": "red_flag/emergency"}]}
    patient.send(text="what if I cannot pee?")
    nurse.writes()
    rasa.message = warning("emergency")
    body = patient.send(choice="red_flag/emergency").json()
    assert (body["messages"][0]["topic"], body["escalation"]["tier"]) == ("red_flag/emergency", "emergency")


def test_what_did_not_arrive_in_full_is_said(patient, nurse):
    nurse.writes()
    assert "too long" in patient.send(text="word " * 400).json()["messages"][0]["text"]
    assert "any words" in patient.send(text="  ").json()["messages"][0]["text"]
    assert patient.send(text="👍").json()["messages"] == []
    assert len([line for line in nurse.sees() if line[0] == "wrote"]) == 2


def test_when_she_leaves_the_bot_answers_again_and_says_so(patient, nurse):
    nurse.writes()
    patient.send(text="a bit better")
    nurse.leaves()
    body = patient.send(text="How long?").json()
    assert body["messages"][0]["text"] == LIE_FLAT["text"]
    assert "with_person" not in body
    found, _, with_person = chat(patient)
    assert "Patchline answers again" in next(line["text"] for line in reversed(found) if line["from"] == "clinic")
    assert with_person is False


def test_ten_minutes_after_her_last_message_the_bot_answers_and_it_is_said_before(patient, nurse):
    nurse.writes(ago=timedelta(minutes=10))
    assert patient.send(text="How long?").json()["messages"][0]["text"] == LIE_FLAT["text"]
    lines = [line["text"] for line in chat(patient)[0]]
    left = next(number for number, text in enumerate(lines) if text.startswith("The nurse has not written for a while"))
    assert left < lines.index(LIE_FLAT["text"])
    assert [line for line in nurse.sees() if line[0] == "left"] == [("left", None)]


def test_who_waits_for_three_minutes_is_given_the_number(patient, nurse):
    nurse.writes(ago=timedelta(minutes=4))
    presence.wrote(nurse.engine, patient.id, "m5", now() - timedelta(minutes=3))
    notes = [line for line in chat(patient)[0] if line["from"] == "clinic"]
    assert notes[-1]["text"].startswith("The nurse has not answered yet. If you cannot wait, call:\n(202) 555-0142")
    assert notes[-1]["links"][0]["href"] == "tel:+12025550142"


def test_a_desk_that_cannot_know_is_no_reason_to_be_quiet(patient, nurse, monkeypatch):
    nurse.writes()

    def locked(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(presence, "wrote", locked)
    body = patient.send(text="How long?").json()
    assert body["messages"][0]["text"] == LIE_FLAT["text"]


def test_another_patient_is_answered_as_ever(client, patient, nurse):
    nurse.writes()
    other = Patient(client)
    assert other.says("How long?")[0]["text"] == LIE_FLAT["text"]
    assert chat(other)[1:] == (None, False)


def test_the_transcript_has_what_the_clinic_did_in_order_of_time(patient, nurse):
    patient.send(text="How long?", message_id="m3")
    desk.acknowledge(nurse.engine, nurse.reference, "Maria Lopez", now())
    nurse.writes("<i>How</i> are you?")
    patient.send(text="better", message_id="m4")
    found, last, with_person = chat(patient)
    who = [(line["from"], line.get("status") or line.get("kind") or line.get("message_id")) for line in found]
    assert who == [
        ("bot", None),
        ("patient", "flagged"), ("bot", None), ("clinic", "sent"),
        ("patient", "m3"), ("bot", None),
        ("clinic", "seen"), ("clinic", "note"), ("clinic", "message"),
        ("patient", "m4"),
    ]  # fmt: skip
    assert (last, with_person) == (found[-2]["event_id"], True)
    assert (found[-2]["text"], found[-2]["name"]) == ("<i>How</i> are you?", "Nurse at Parkview Spine & Pain")
    assert found[1]["escalation"]["status"] == "recorded"
    assert "Lopez" not in str(found)


def test_a_deleted_conversation_leaves_the_ticket_with_its_history_and_shows_nothing(patient, nurse):
    nurse.writes()
    assert patient.client.delete(patient.url, headers=patient.headers).status_code == 204
    assert patient.client.get(patient.url, headers=patient.headers).status_code == 404
    assert patient.client.get(f"{patient.url}/events", headers=patient.headers).status_code == 404
    assert nurse.sees()[-1] == ("message", "How are you?")
