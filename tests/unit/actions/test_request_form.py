"""What each message does to an open form, run as the action server runs it, on a real database."""

import asyncio
import logging
from datetime import datetime

import pytest
import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import wishes
from actions.request_form import ENDED, ValidateAppointmentForm, ValidateCallbackForm
from patchline.database import engines
from patchline.escalation.tables import tickets
from tests.tables import make_tables

AT = 1795343520.0  # 2026-11-22 10:32 UTC
GIVEN = {"wish": "callback", "patient_name": "Ana", "phone": "+12025550142", "best_time": "morning", "filled_by": "m7"}


@pytest.fixture
def engine(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'patchline.db'}"
    make_tables(url)
    engine = engines.make_engine(url)
    monkeypatch.setattr(wishes, "engine", lambda: engine)
    yield engine
    engine.dispose()


def user(text, intent, message_id="m9", confidence=0.9):
    parsed = {"intent": {"name": intent, "confidence": confidence}}
    return {"event": "user", "text": text, "message_id": message_id, "timestamp": AT, "parse_data": parsed}


def turn(
    asked, text, intent="out_of_scope", *, form=ValidateCallbackForm, before=(), since=(), confidence=0.9, **slots
):
    """One message while `asked` is asked for: the slots that it sets, and the responses with what they are given."""
    said = user(text, intent, confidence=confidence)
    opened = [{"event": "active_loop", "name": "callback_form"}] if asked else []
    seen = [{"event": "slot", "name": "requested_slot", "value": asked}, {"event": "action", "name": "callback_form"}]
    events = [*before, *opened, said, *since, *seen]
    latest = said["parse_data"]
    state = {"requested_slot": asked, **GIVEN, **slots}
    tracker = Tracker("c1", state, latest, events, False, None, {"name": "callback_form"}, "action_listen")
    dispatcher = CollectingDispatcher()
    found = asyncio.run(form().run(dispatcher, tracker, {"forms": {}}))
    return {event["name"]: event["value"] for event in found if event["event"] == "slot"}, dispatcher.messages


def opened(text, intent, *, form=ValidateCallbackForm, before=(), **slots):
    empty = dict.fromkeys(GIVEN)
    since = [{"event": "active_loop", "name": "callback_form"}]
    return turn(None, text, intent, form=form, before=before, since=since, **{**empty, **slots})


def rows(engine):
    with engine.connect() as db:
        return db.execute(sa.select(tickets)).all()


# Opening


def test_the_button_opens_a_call_back_with_the_number_first(engine):
    slots, (message,) = opened("/press_callback", "press_callback", before=[user("nurse please", "talk_to_person")])
    assert message["response"] == "utter_opens_callback"
    assert slots["wish"] == "callback"
    assert "phone" not in slots


def test_a_number_that_was_given_on_the_way_is_not_asked_for_again(engine):
    asked = user("can you call me back on 202 555 0142", "talk_to_person", "m1")
    slots, _ = opened("yes", "affirm", before=[asked])
    assert slots["phone"] == "+12025550142"


def test_the_question_for_a_nurse_is_the_patients_last_message(engine):
    before = [user("/faq/relief", "faq", "m1"), user("can I take tramadol", "not_covered", "m2")]
    slots, (message,) = opened("/press_question", "press_question", before=before)
    assert (slots["wish"], slots["question"]) == ("question", "can I take tramadol")
    assert message["question"] == "can I take tramadol"


def test_ok_to_the_number_to_call_after_a_warning_sign_opens_no_form(engine):
    warned = [user("my head hurts again", "red_flag"), {"event": "action", "name": "utter_red_flag"}]
    slots, (message,) = opened("ok", "affirm", before=warned)
    assert message["response"] == "utter_affirm"
    assert slots == ENDED


def test_the_button_opens_a_form_after_a_warning_sign_too(engine):
    warned = [user("my head hurts again", "red_flag"), {"event": "action", "name": "utter_red_flag"}]
    slots, _ = opened("/press_appointment", "press_appointment", form=ValidateAppointmentForm, before=warned)
    assert slots["wish"] == "appointment"


# Between


def test_what_fills_a_slot_remembers_the_message(engine):
    slots, said = turn("best_time", "after 3", "give_details", best_time=None)
    assert (slots["best_time"], slots["filled_by"], said) == ("after 3", "m9", [])


def test_a_name_does_not_change_the_language_of_the_conversation(engine):
    english = [{"event": "slot", "name": "language", "value": "en"}]
    spanish = [{"event": "slot", "name": "language", "value": "es"}]
    slots, _ = turn("patient_name", "Maria de los Angeles", "spanish", before=english, since=spanish, language="es")
    assert (slots["patient_name"], slots["language"]) == ("Maria de los Angeles", "en")
    slots, _ = turn("best_time", "por la tarde", "spanish", before=english, since=spanish, language="es")
    assert "language" not in slots


def test_a_question_is_left_to_the_rules(engine):
    assert turn("phone", "how long do I lie flat?", "faq") == ({}, [])


def test_a_message_that_was_answered_already_is_not_read_as_an_answer(engine):
    answered = [{"event": "action", "name": "utter_faq"}, {"event": "bot", "text": "…"}]
    assert turn("best_time", "tomorrow", "give_details", since=answered) == ({}, [])


def test_why_is_explained_and_asked_again(engine):
    slots, (message,) = turn("phone", "what do you need that for?", "faq", confidence=0.4, phone=None)
    assert message["response"] == "utter_why"
    assert slots == {"phone": None}


@pytest.mark.parametrize("asked", ["patient_name", "phone", "best_time", "consent"])
@pytest.mark.parametrize(("text", "intent"), [("I'd rather not", "deny"), ("/press_stop", "press_stop")])
def test_stopping_empties_everything_and_gives_the_line(engine, asked, text, intent):
    slots, (message,) = turn(asked, text, intent)
    assert message["response"] == "utter_form_stopped"
    assert slots == ENDED
    assert rows(engine) == []


# The number


def test_a_number_is_kept_as_e164_with_its_extension(engine):
    slots, said = turn("phone", "202 555 0142 ext 12", phone=None, phone_written=["202"])
    assert (slots["phone"], slots["phone_written"], said) == ("+12025550142;ext=12", None, [])


def test_a_malformed_number_is_explained_with_what_was_understood_and_an_example(engine):
    slots, (message,) = turn("phone", "it's 202 555 01", phone=None)
    assert message["response"] == "utter_phone_too_short"
    assert (message["understood"], message["example"]) == ("202 555 01", "(201) 555-0123")
    assert (slots["phone"], slots["phone_written"]) == (None, ["it's 202 555 01"])


def test_the_third_number_that_cannot_be_read_is_taken_as_it_was_written(engine):
    slots, (message,) = turn("phone", "2025550", phone=None, phone_written=["202", "it is on file"])
    assert message["response"] == "utter_phone_as_written"
    assert (slots["phone"], slots["phone_written"]) == ("unchecked", ["202", "it is on file", "2025550"])


def test_a_number_of_an_unknown_area_counts_when_it_is_sent_again(engine):
    slots, (message,) = turn("phone", "999 555 0142", phone=None)
    assert message["response"] == "utter_phone_unknown_area"
    slots, said = turn("phone", "(999) 555-0142", phone=None, phone_written=slots["phone_written"])
    assert (slots["phone"], said) == ("+19995550142", [])


# The end


def test_a_yes_puts_the_request_on_record_and_then_says_so(engine):
    slots, (message,) = turn("consent", "/press_yes", "press_yes", language="es", relative=True)
    (row,) = rows(engine)
    assert message["response"] == "utter_passed_on"
    assert message["reference"] == row.reference
    assert slots == ENDED | {"reference": row.reference}
    assert (row.kind, row.conversation_id, row.message_id) == ("callback", "c1", "m7")
    assert (row.name, row.phone, row.best_time, row.details) == ("Ana", "+12025550142", "Morning", None)
    assert row.consent_at == row.said_at == datetime(2026, 11, 22, 10, 32)
    assert (row.language, row.relative) == ("es", True)


def test_an_appointment_says_what_it_is_for_and_a_question_what_was_asked(engine):
    form = ValidateAppointmentForm
    _, (message,) = turn("consent", "yes", "affirm", form=form, wish="appointment", visit="change_visit")
    assert message["response"] == "utter_passed_on_appointment"
    turn("consent", "yes", "affirm", wish="question", question="can I take tramadol", patient_name="")
    first, second = rows(engine)
    assert (first.kind, first.details) == ("appointment", "Change a visit")
    assert (second.kind, second.details, second.name) == ("question", "can I take tramadol", None)


def test_a_number_that_could_not_be_read_is_passed_on_as_it_was_written(engine):
    _, (message,) = turn("consent", "yes", "affirm", phone="unchecked", phone_written=["202", "it is on file"])
    (row,) = rows(engine)
    assert message["response"] == "utter_passed_on_unchecked"
    assert row.phone is None
    assert row.details == 'The number could not be checked. As written: "202"; "it is on file"'


def test_an_extension_is_kept_for_those_who_call(engine):
    turn("consent", "yes", "affirm", phone="+12025550142;ext=12")
    (row,) = rows(engine)
    assert (row.phone, row.details) == ("+12025550142", "Extension 12")


def test_a_second_yes_is_the_same_ticket_and_a_correction_another(engine):
    references = [turn("consent", "yes", "affirm")[1][0]["reference"] for _ in range(2)]
    other = turn("consent", "yes", "affirm", filled_by="m8")[1][0]["reference"]
    assert references[0] == references[1] != other
    assert len(rows(engine)) == 2


def test_without_the_database_nothing_is_claimed_and_nothing_is_forgotten(engine, tmp_path, caplog):
    with engines.writing(engines.make_engine(f"sqlite:///{tmp_path / 'patchline.db'}")), caplog.at_level(logging.ERROR):
        slots, said = turn("consent", "yes", "affirm")
    assert said == []  # the form itself says it, when it asks again
    assert slots == {"consent": None, "not_passed_on": True}
    (record,) = [record for record in caplog.records if record.name == "actions.wishes"]
    assert record.ids == {"conversation": "c1", "message": "m7"}
    assert "Ana" not in caplog.text
    assert "2025550142" not in caplog.text
    assert rows(engine) == []
    assert turn("consent", "try again", "nlu_fallback", not_passed_on=True)[1][0]["response"] == "utter_passed_on"
    assert len(rows(engine)) == 1
