"""What patients say to a form, with what the model makes of it beside it."""

import pytest

from actions.answers import QUESTION, STOP, UNCLEAR, WHY, Heard, Said, heard


def hear(asked, text, intent="out_of_scope", confidence=0.5, **more):
    return heard(asked, Said(text, intent, confidence, **more), "US")


def values(**slots):
    return Heard("values", slots)


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "name"),
    [
        ("Maria Angeles", "out_of_scope", 0.92, "Maria Angeles"),
        ("maria", "out_of_scope", 0.54, "maria"),
        ("Dr. Payne", "not_covered", 0.9, "Dr. Payne"),
        ("Dr. Payne", "check", 1.0, "Dr. Payne"),
        ("Karen Price", "not_covered", 0.89, "Karen Price"),
        ("Faith Blood", "faq", 0.86, "Faith Blood"),
        ("Will Fallon", "out_of_scope", 0.6, "Will Fallon"),
        ("May Lee", "out_of_scope", 0.6, "May Lee"),
        ("my name is Angela Weeks", "out_of_scope", 0.5, "Angela Weeks"),
        ("it's Maria, thanks", "give_details", 0.9, "Maria"),
        ("I'm Tom", "give_details", 0.9, "Tom"),
        ("Maria de los Angeles", "spanish", 1.0, "Maria de los Angeles"),
        ("me llamo Rosa", "nlu_fallback", 0.2, "Rosa"),
        ("my wife's name is Sue", "give_details", 0.9, "Sue"),
        ("O'Leary", "give_details", 0.6, "O'Leary"),
        ("Nguyễn Thị Mai", "nlu_fallback", 0.3, "Nguyễn Thị Mai"),
        ("Hello Kitty", "out_of_scope", 0.5, "Hello Kitty"),
        ("Omar, he's my husband", "give_details", 0.5, "Omar"),
        ("Ruth Cohen (my mother)", "give_details", 0.5, "Ruth Cohen"),
    ],
)
def test_a_name_is_a_name_whatever_the_model_of_questions_makes_of_it(text, intent, confidence, name):
    assert hear("patient_name", text, intent, confidence) == values(patient_name=name)


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("how long do I lie flat?", "faq", 0.94),
        ("how long do i have to lie down after", "faq", 0.95),
        ("lying flat", "faq", 0.9),
        ("karen price", "not_covered", 0.8),
        ("what does it cost", "not_covered", 0.95),
        ("numb", "check", 1.0),
        ("hi", "greet", 0.98),
        ("are you a bot", "bot_challenge", 0.9),
        ("something is not right with me", "check", 1.0),
        ("cuánto cuesta", "spanish", 1.0),
    ],
)
def test_a_question_instead_of_a_name_is_left_to_those_who_answer_it(text, intent, confidence):
    assert hear("patient_name", text, intent, confidence) == QUESTION


def test_what_is_sent_twice_as_a_name_is_one():
    assert hear("patient_name", "karen price", "not_covered", 0.8, repeated=True) == values(patient_name="karen price")


@pytest.mark.parametrize(
    "text", ["skip", "Skip it", "I'd rather not say my name", "no name", "omitir", "prefiero no dar mi nombre"]
)
def test_the_name_can_be_left_out(text):
    assert hear("patient_name", text, "deny", 0.8) == values(patient_name="")


def test_a_time_that_was_not_asked_for_yet_is_not_asked_for_again():
    for asked in ("patient_name", "phone"):
        assert hear(asked, "tonight after 7, she's home then", "give_details", 0.8) == values(
            best_time="tonight after 7, she's home then"
        )


def test_what_is_no_usual_name_counts_when_it_is_sent_again():
    assert hear("patient_name", "Bob the builder") == UNCLEAR
    assert hear("patient_name", "Bob the builder", repeated=True) == values(patient_name="Bob the builder")
    assert hear("patient_name", "yes, that's right", "affirm", 0.9) == UNCLEAR


def test_a_number_instead_of_a_name_is_the_number_and_the_name_beside_it_too():
    assert hear("patient_name", "202 555 0142") == values(phone="202 555 0142")
    both = hear("patient_name", "Maria, my number is 202 555 0142")
    assert both == values(phone="Maria, my number is 202 555 0142", patient_name="Maria")


@pytest.mark.parametrize("asked", ["patient_name", "phone", "best_time", "visit", "consent"])
@pytest.mark.parametrize(
    "text",
    [
        "no",
        "No thanks.",
        "never mind",
        "stop",
        "I'd rather not",
        "forget it",
        "no gracias",
        "ya no",
        "quit",
        "forget about it, im fine",
        "never mind I'll call myself",
    ],
)
def test_a_request_can_be_stopped_at_every_step(asked, text):
    assert hear(asked, text, "deny", 0.9) == STOP


@pytest.mark.parametrize("asked", ["patient_name", "phone", "best_time", "consent"])
def test_cancel_stops_the_request_but_is_an_answer_where_a_visit_was_asked_about(asked):
    assert hear(asked, "cancel", "request_appointment", 0.83) == STOP
    assert hear("visit", "cancel", "request_appointment", 0.83) == values(visit="cancel_visit")


@pytest.mark.parametrize("asked", ["patient_name", "phone", "best_time", "visit", "consent"])
@pytest.mark.parametrize(
    "text",
    [
        "why?",
        "what do you need that for?",
        "why do you need my number",
        "who sees this",
        "is it safe to give you my number?",
        "is my number safe",
        "¿para qué lo necesita?",
    ],
)
def test_why_it_is_asked_is_a_question_to_the_form(asked, text):
    assert hear(asked, text, "faq", 0.44) == WHY


def test_why_something_is_done_is_a_question_to_the_document():
    assert hear("patient_name", "why do I have to lie flat?", "faq", 0.9) == QUESTION


@pytest.mark.parametrize(
    "text",
    [
        "after 3",
        "tomorrow morning when my husband is home",
        "when the baby sleeps, around 1",
        "mornings",
        "not before noon",
        "asap",
        "lunch",
        "weekdays 9-5",
        "on 11/23/2026 after 3",
        "por la tarde",
        "mañana",
        "cuando llegue mi esposo",
        "puede llamar a las 3",
        "is 3 pm ok?",
        "can you call tomorrow?",
        "how about after 5",
        "once he is back",
    ],
)
def test_a_time_is_kept_in_the_patients_words(text):
    assert hear("best_time", text, "faq", 0.4) == values(best_time=text)


@pytest.mark.parametrize("text", ["any time", "whenever", "doesn't matter", "no preference", "a cualquier hora"])
def test_any_time_is_any_time(text):
    assert hear("best_time", text, "deny", 0.84) == values(best_time="any_time")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("can I drive tomorrow?", "faq"),
        ("is it ok to eat before noon?", "faq"),
        ("how long do i lie flat", "faq"),
        ("when will they call me", "request_appointment"),
        ("today please my head is killing me", "check"),
    ],
)
def test_a_question_with_a_time_in_it_is_a_question(text, intent):
    assert hear("best_time", text, intent, 0.9) == QUESTION


@pytest.mark.parametrize("text", ["it is on file", "you have my number", "ask my husband", "202 555"])
def test_what_is_said_instead_of_a_number_is_kept_to_be_explained(text):
    assert hear("phone", text, "talk_to_person", 0.5) == values(phone=text)


def test_a_statement_about_something_else_is_no_try_at_a_number():
    assert hear("phone", "I have a headache", "faq", 0.4) == QUESTION


def test_somebody_who_will_not_give_a_number_has_stopped():
    assert hear("phone", "i dont want to give my number", "talk_to_person", 0.6) == STOP


@pytest.mark.parametrize("text", ["ok", "yes"])
@pytest.mark.parametrize("asked", ["patient_name", "phone", "best_time", "visit"])
def test_a_bare_yes_answers_only_a_question_that_it_can_answer(asked, text):
    assert hear(asked, text, "affirm", 0.8) == UNCLEAR
    assert hear("consent", text, "affirm", 0.8) == values(consent=True)


@pytest.mark.parametrize(
    "text",
    [
        "yes please call me",
        "sure",
        "ok do it",
        "try again",
        "sí",
        "si, llámeme",
        "go ahead",
        "yes the number is correct",
    ],
)
def test_consent_is_given_in_many_words(text):
    assert hear("consent", text, "talk_to_person", 0.54) == values(consent=True)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("no, the number is 202 555 0199", {"phone": "no, the number is 202 555 0199"}),
        ("yes but the number is 202 555 0199", {"phone": "yes but the number is 202 555 0199"}),
        ("the number is wrong", {"phone": None}),
        ("no not that number", {"phone": None}),
        ("my name is Marta", {"patient_name": "Marta"}),
        ("no, the name is Jon", {"patient_name": "Jon"}),
        ("the name is wrong", {"patient_name": None}),
        ("no, after 5", {"best_time": "after 5"}),
        ("yes but call in the afternoon", {"best_time": "call in the afternoon"}),
    ],
)
def test_what_is_corrected_at_the_end_is_corrected_and_no_consent(text, slots):
    assert hear("consent", text, "deny", 0.5) == Heard("values", slots)


@pytest.mark.parametrize("text", ["no it's all wrong somehow", "hmm", "not like that"])
def test_what_is_neither_yes_nor_no_is_no_consent(text):
    assert hear("consent", text, "deny", 0.5) == UNCLEAR


@pytest.mark.parametrize(
    ("intent", "slots"),
    [
        ("press_any_time", {"best_time": "any_time"}),
        ("press_afternoon", {"best_time": "afternoon"}),
        ("press_yes", {"consent": True}),
        ("press_try_again", {"consent": True}),
    ],
)
def test_a_button_says_exactly_what_it_means(intent, slots):
    assert hear("consent", f"/{intent}", intent, 1.0) == Heard("values", slots)


def test_an_old_yes_button_is_no_answer_to_another_question():
    assert hear("phone", "/press_yes", "press_yes", 1.0) == UNCLEAR
    assert hear("phone", "/press_skip", "press_skip", 1.0) == UNCLEAR


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("my second blood patch", "faq"),
        ("i need to move my visit", "request_appointment"),
        ("can i come in on friday?", "request_appointment"),
        ("cancel my appointment on friday", "request_appointment"),
        ("follow up", "give_details"),
    ],
)
def test_what_a_visit_is_for_is_kept_in_the_patients_words(text, intent):
    assert hear("visit", text, intent, 0.85) == values(visit=text)
