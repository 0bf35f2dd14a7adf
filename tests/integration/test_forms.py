"""Requests that are passed on to the clinic, with the running system: the patient's words, and what is on record."""

import json
import uuid

import pytest

from tests import breaking
from tests.breaking import PATCHLINE_DB, RASA_DB, rows
from tests.signs import LINE, LINE_HREF
from tests.system import ACTIONS, RASA

COLUMNS = "kind, name, phone, best_time, details, consent_at IS NOT NULL, language, state"
UNTIL = {  # what is said until a slot is asked for, in a call back
    "patient_name": [],
    "phone": ["Maria Angeles"],
    "best_time": ["Maria Angeles", "202 555 0142"],
    "consent": ["Maria Angeles", "202 555 0142", "after 3"],
}
SEEN_BY_THE_MODEL_ALONE = "she is under three blankets and her teeth are going like castanets"


def wishes(system, patient):
    query = f"SELECT {COLUMNS} FROM tickets WHERE conversation_id = ? AND kind != 'red_flag' ORDER BY id"
    return rows(system, query, patient.id)


def red_flags(system, patient):
    query = "SELECT tier FROM tickets WHERE conversation_id = ? AND kind = 'red_flag'"
    return rows(system, query, patient.id)


def slots(system, patient):
    """What Rasa holds of the form: slots that are not empty."""
    query = "SELECT data FROM events WHERE sender_id = ? AND type_name = 'slot' ORDER BY id"
    found = {}
    for (data,) in rows(system, query, patient.id, database=RASA_DB):
        event = json.loads(data)
        found[event["name"]] = event["value"]
    kept = ("wish", "patient_name", "phone", "phone_written", "best_time", "visit", "question", "filled_by", "consent")
    return {name: found[name] for name in kept if found.get(name) is not None}


def call_back(system, until="consent"):
    """A patient whose form asks for a slot."""
    patient = system.patient()
    patient.say("can somebody call me back")
    patient.choose("press_callback")
    for text in UNTIL[until]:
        answer = patient.say(text)
    if UNTIL[until]:
        assert topics(answer) == [f"form/{until}"]
    return patient


def topics(messages):
    return [message["topic"] for message in messages]


def buttons(messages):
    return [button["choice"] for button in messages[-1]["buttons"]]


def has_the_line(messages):
    return any(link["href"] == LINE_HREF for message in messages for link in message["links"])


# The happy way


def test_a_call_back_ends_in_one_ticket_and_the_patient_has_its_number(system):
    patient = system.patient()
    (first,) = patient.say("can somebody call me back")
    assert first["topic"] == "talk_to_person"
    assert first["text"].index(LINE) < first["text"].index("Office hours")
    assert first["buttons"][0] == {"title": "Ask the clinic to call me", "choice": "press_callback"}
    opening, name = patient.say("yes please")
    assert LINE in opening["text"]
    assert name["topic"] == "form/name"
    assert topics(patient.say("Maria Angeles")) == ["form/phone"]
    (time,) = patient.say("202 555 0142 ext. 12")
    assert time["text"].startswith("I'll pass on (202) 555-0142 ext. 12.")
    (consent,) = patient.choose("press_afternoon")
    for line in ("Name: Maria Angeles", "Phone: (202) 555-0142 ext. 12", "Best time: Afternoon"):
        assert line in consent["text"].split("\n")
    (done,) = patient.choose("press_yes")
    ((reference,),) = rows(system, "SELECT reference FROM tickets WHERE conversation_id = ?", patient.id)
    assert f"Your request is with the clinic. Its number is {reference}." in done["text"]
    assert has_the_line([done])
    assert wishes(system, patient) == [
        ("callback", "Maria Angeles", "+12025550142", "Afternoon", "Extension 12", 1, "en", "open")
    ]
    assert slots(system, patient) == {}


def test_an_appointment_request_says_what_it_is_for_and_that_nothing_is_booked(system):
    patient = system.patient()
    assert "press_appointment" in buttons(patient.say("I want to book an appointment"))
    assert topics(patient.choose("press_appointment")) == ["form/opens", "form/visit"]
    assert topics(patient.choose("press_cancel_visit")) == ["form/name"]
    assert topics(patient.choose("press_skip")) == ["form/phone"]
    patient.say("+34 612 345 678")
    patient.say("tomorrow morning when my husband is home")
    (done,) = patient.say("yes")
    assert "Nothing is booked or changed yet." in done["text"]
    time = "tomorrow morning when my husband is home"
    assert wishes(system, patient) == [("appointment", None, "+34612345678", time, "Cancel a visit", 1, "en", "open")]


def test_a_question_that_the_page_does_not_answer_is_passed_on_word_for_word(system):
    patient = system.patient()
    question = "can i take tramadol after the patch"
    assert "press_question" in buttons(patient.say(question))
    opening, _ = patient.choose("press_question")
    assert f"“{question}”" in opening["text"]
    for text in UNTIL["consent"]:
        patient.say(text)
    patient.choose("press_yes")
    assert wishes(system, patient)[0][4] == question


def test_the_form_speaks_spanish_where_the_patient_does(system):
    patient = system.patient()
    assert "press_callback" in buttons(patient.say("quiero que me llamen por teléfono"))
    assert "Puedo pedir a la clínica" in patient.say("sí")[0]["text"]
    assert "teléfono" in patient.say("Maria de los Angeles Ruiz")[0]["text"]
    assert "mejor llamar" in patient.say("202 555 0142")[0]["text"]
    assert "Mejor hora: por la tarde" in patient.say("por la tarde")[0]["text"]
    assert "La clínica tiene su petición" in patient.say("sí")[0]["text"]
    assert wishes(system, patient) == [
        ("callback", "Maria de los Angeles Ruiz", "+12025550142", "por la tarde", None, 1, "es", "open")
    ]


# In the middle


@pytest.mark.parametrize("asked", UNTIL)
def test_a_question_in_the_middle_is_answered_from_the_document_and_the_form_asks_again(system, asked):
    patient = call_back(system, asked)
    answer, again = patient.say("how long do I lie flat?")
    assert answer["topic"] == "faq/lie_flat"
    assert "30–60 minutes" in answer["text"]
    assert again["topic"] == f"form/{asked.removeprefix('patient_')}"


def test_what_a_number_is_needed_for_is_explained(system):
    patient = call_back(system, "phone")
    assert topics(patient.say("what do you need that for?")) == ["form/why", "form/phone"]


def test_a_number_instead_of_a_name_is_taken_and_corrected_at_the_end(system):
    patient = call_back(system, "patient_name")
    assert topics(patient.say("202 555 0142")) == ["form/name"]
    assert topics(patient.say("Dr. Payne")) == ["form/best_time"]
    patient.choose("press_any_time")
    (again,) = patient.say("no, the number is 202 555 0199")
    assert again["topic"] == "form/consent"
    assert "Phone: (202) 555-0199" in again["text"]
    patient.say("yes")
    assert wishes(system, patient) == [("callback", "Dr. Payne", "+12025550199", "Any time", None, 1, "en", "open")]


def test_a_wrong_number_is_explained_twice_and_then_passed_on_as_it_was_written(system):
    patient = call_back(system, "phone")
    first, again = patient.say("202 555 01")
    assert "I read 202 555 01. That is too short" in first["text"]
    assert again["topic"] == "form/phone"
    assert "area code" in patient.say("555 0142")[0]["text"]
    given_up, _ = patient.say("it's on file")
    assert has_the_line([given_up])
    patient.choose("press_morning")
    (done,) = patient.choose("press_yes")
    assert has_the_line([done])
    ((_, _, phone, _, details, *_),) = wishes(system, patient)
    assert phone is None
    assert details == 'The number could not be checked. As written: "202 555 01"; "555 0142"; "it\'s on file"'


def test_a_right_number_after_two_wrong_ones_is_the_number(system):
    patient = call_back(system, "phone")
    patient.say("202")
    patient.say("202 555")
    assert topics(patient.say("my number is two oh two five five five oh one four two")) == ["form/best_time"]
    patient.choose("press_morning")
    patient.choose("press_yes")
    assert wishes(system, patient)[0][2:5] == ("+12025550142", "Morning", None)


@pytest.mark.parametrize("asked", UNTIL)
@pytest.mark.parametrize("text", ["I'd rather not", "no", "cancel"])
def test_stopping_at_any_step_passes_nothing_on_keeps_nothing_and_gives_the_line(system, asked, text):
    patient = call_back(system, asked)
    answer = patient.say(text)
    assert topics(answer) == ["form/stopped"]
    assert has_the_line(answer)
    assert wishes(system, patient) == []
    assert slots(system, patient) == {}
    assert topics(patient.say("can i eat before it")) == ["faq/eating_drinking"]


def test_a_press_on_an_old_button_and_a_second_press_do_nothing(system):
    patient = call_back(system)
    patient.choose("press_yes")
    for choice in ("press_yes", "press_yes", "press_any_time"):
        assert topics(patient.choose(choice)) == ["form/closed"]
    assert len(wishes(system, patient)) == 1


def test_the_same_message_again_is_the_same_reply_and_no_second_ticket(system):
    patient = call_back(system)
    message_id = uuid.uuid4().hex
    first, second = (patient.post(message_id=message_id, choice="press_yes").json() for _ in range(2))
    assert first == second
    assert len(wishes(system, patient)) == 1


def test_typed_text_never_presses_a_button(system):
    patient = system.patient()
    assert topics(patient.choose("press_callback")) == ["fallback"]  # nobody has offered it
    patient = call_back(system)
    patient.say("/press_yes")
    assert wishes(system, patient) == []


# Warning signs


@pytest.mark.parametrize("asked", UNTIL)
def test_a_warning_sign_interrupts_and_closes_the_form(system, asked):
    patient = call_back(system, asked)
    body = patient.post(text="my legs are numb now").json()
    assert [message["topic"].partition("/")[0] for message in body["messages"]] == ["red_flag"]
    assert body["escalation"]["status"] == "recorded"
    assert len(red_flags(system, patient)) == 1
    assert topics(patient.say("ok")) in (["affirm"], ["smalltalk/reaction"])
    assert wishes(system, patient) == []


def test_a_form_may_be_opened_again_after_a_warning_sign_and_the_number_to_call_stays_first(system):
    patient = call_back(system, "best_time")
    patient.say("I can't move my legs")
    opening, again = patient.choose("press_callback")
    assert opening["text"].startswith("First, please call 911 now")
    assert again["topic"] == "form/best_time"  # the name and the number are still there
    (consent,) = patient.choose("press_morning")
    assert consent["text"].startswith("First, please call 911 now")
    patient.choose("press_yes")
    assert len(wishes(system, patient)) == 1


def test_with_the_action_server_hung_a_sign_in_the_middle_has_its_wording_too(system):
    patient = call_back(system, "phone")
    with breaking.hung(system, ACTIONS):
        body = patient.post(text=SEEN_BY_THE_MODEL_ALONE).json()
    assert body["messages"][0]["topic"].startswith("red_flag/")
    assert body["escalation"]["status"] == "recorded"


# What fails


def test_with_the_action_server_killed_nothing_is_claimed_and_another_yes_is_one_ticket(system):
    patient = call_back(system)
    with breaking.killed(system, ACTIONS):
        answer = patient.choose("press_yes")
    assert topics(answer) == ["fallback"]
    assert has_the_line(answer)
    assert wishes(system, patient) == []
    (done,) = patient.say("yes")
    assert done["topic"] == "form/passed_on"
    assert len(wishes(system, patient)) == 1


def test_with_the_action_server_hung_nothing_is_claimed_and_there_is_one_ticket_in_the_end(system):
    patient = call_back(system)
    with breaking.hung(system, ACTIONS):
        answer = patient.choose("press_yes")
        assert topics(answer) == ["fallback"]
        assert has_the_line(answer)
    (answer,) = patient.say("yes")  # it may have gone on with the first
    assert answer["topic"] in ("form/passed_on", "form/closed")
    ((reference,),) = rows(system, "SELECT reference FROM tickets WHERE conversation_id = ?", patient.id)
    assert reference in answer["text"]


def test_with_the_database_locked_it_says_so_and_try_again_is_one_ticket(system):
    patient = call_back(system)
    with breaking.locked(system, PATCHLINE_DB):
        answer = patient.choose("press_yes")
        assert topics(answer) == ["form/not_passed_on"]
        assert has_the_line(answer)
        assert "press_try_again" in buttons(answer)
        assert topics(patient.say("try again")) == ["form/not_passed_on"]
    assert wishes(system, patient) == []
    assert topics(patient.choose("press_try_again")) == ["form/passed_on"]
    assert len(wishes(system, patient)) == 1


def test_with_rasa_killed_in_the_middle_the_form_goes_on_where_it_was(system):
    patient = call_back(system, "best_time")
    with breaking.killed(system, RASA):
        assert has_the_line(patient.say("after 3"))
    assert topics(patient.say("after 3")) == ["form/consent"]
    patient.say("yes")
    assert wishes(system, patient)[0][1:4] == ("Maria Angeles", "+12025550142", "after 3")
