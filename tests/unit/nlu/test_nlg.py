"""Answers as patients read them: facts filled in, buttons titled, numbers that dial."""

import asyncio

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from patchline.nlu.nlg import ContentNLG
from tests.answers import ROOT

DOMAIN = Domain.from_dict(
    {
        "responses": {
            "utter_faq/relief": [
                {"text": "Call {line} or {emergency}.\n", "metadata": {"title": "Relief", "sources": ["after-1"]}}
            ],
            "utter_greet": [{"text": "Hello from {clinic}", "metadata": {"next": ["faq/relief"]}}],
            "utter_again_relief": [{"text": "-", "metadata": {"same_as": "faq/relief"}}],
            "utter_hurt": [{"text": "You said {word}, {unknown}", "metadata": {"topic": "fallback"}}],
        }
    }
)


@pytest.fixture
def nlg(monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    return ContentNLG(domain=DOMAIN)


def said(nlg, name, **slots):
    return nlg.generate_from_slots(name, slots, "patchline")


def test_the_clinics_facts_are_filled_in(nlg):
    assert said(nlg, "utter_greet")["text"] == "Hello from Parkview Spine & Pain"


def test_every_number_in_a_text_is_also_a_link_that_dials(nlg):
    assert [link["href"] for link in said(nlg, "utter_faq/relief")["metadata"]["links"]] == [
        "tel:+12025550142",
        "tel:911",
    ]


def test_topics_offered_next_are_buttons_with_their_human_titles(nlg):
    assert said(nlg, "utter_greet")["buttons"] == [{"title": "Relief", "payload": "/faq/relief"}]


def test_the_topic_is_the_responses_name_unless_it_is_given(nlg):
    assert said(nlg, "utter_faq/relief")["metadata"]["topic"] == "faq/relief"
    assert said(nlg, "utter_hurt", word="x")["metadata"]["topic"] == "fallback"


def test_a_follow_up_answer_is_the_answer_of_its_topic(nlg):
    assert said(nlg, "utter_again_relief") == said(nlg, "utter_faq/relief")


def test_a_slot_with_curly_brackets_is_not_read_as_a_placeholder(nlg):
    assert said(nlg, "utter_hurt", word="{line}")["text"] == "You said {line}, {unknown}"


def test_an_unknown_response_is_nothing(nlg):
    assert said(nlg, "utter_nothing") is None


# Once a warning sign was raised


REAL = Domain.load([str(ROOT / "domain.yml"), str(ROOT / "data")])


@pytest.fixture
def real(monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    return ContentNLG(domain=REAL)


def heard(*topics, intent="faq", **slots):
    """A conversation in which these topics were answered, before a message of this intent."""
    events = [
        BotUttered("…", metadata={"metadata": {"topic": topic}, "utter_action": f"utter_{topic}"}) for topic in topics
    ]
    tracker = DialogueStateTracker.from_events("c1", [*events, UserUttered("…", {"name": intent})], REAL.slots)
    for name, value in slots.items():
        tracker.update(SlotSet(name, value))
    return tracker


def answered(nlg, response, tracker):
    return asyncio.run(nlg.generate(response, tracker, "patchline"))


def numbers(answer):
    return [link["href"].removeprefix("tel:") for link in answer["metadata"]["links"]]


AFTER = """
thanks goodbye affirm deny ask_if_sure ask_if_worse ask_what_now better_now happening_now not_happening called_already
no_answer not_now did_you_mean not_understood talk_to_person check spanish
""".split()


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize(("tier", "number"), [("clinic", "+12025550142"), ("emergency", "911"), ("crisis", "988")])
def test_after_a_warning_whatever_is_said_keeps_its_number_in_sight(real, name, tier, number):
    answer = answered(real, f"utter_{name}", heard(f"red_flag/{tier}"))
    assert number in numbers(answer)
    assert "+12025550142" in numbers(answer)
    assert answer["buttons"] == []


@pytest.mark.parametrize("name", AFTER)
def test_without_a_warning_the_same_messages_get_their_ordinary_answer(real, name):
    answer = answered(real, f"utter_{name}", heard("faq/relief"))
    assert answer["text"] != answered(real, f"utter_{name}", heard("red_flag/clinic"))["text"]
    assert "Please call the clinic today" not in answer["text"]


@pytest.mark.parametrize("topic", ["faq/back_soreness", "faq/relief", "not_covered/medical", "help", "what_if"])
def test_after_a_warning_an_answer_begins_with_the_number_to_call(real, topic):
    plain = answered(real, f"utter_{topic}", heard())["text"]
    text = answered(real, f"utter_{topic}", heard("red_flag/emergency", "thanks"))["text"]
    assert text.startswith("First, please call 911 now")
    assert text.endswith(plain)


def test_one_of_several_answers_leaves_the_number_to_the_links_of_the_reply(real):
    tracker = heard("red_flag/clinic", intent="several_questions")
    assert not answered(real, "utter_faq/relief", tracker)["text"].startswith("First")


def test_a_later_milder_sign_does_not_lower_what_is_said_afterwards(real):
    answer = answered(real, "utter_thanks", heard("red_flag/emergency", "red_flag/clinic"))
    assert "911 now" in answer["text"]


def test_a_new_warning_sign_is_said_as_it_stands(real):
    assert answered(real, "utter_red_flag/emergency", heard("red_flag/clinic"))["text"].startswith("Call 911 now.")


@pytest.mark.parametrize("tier", ["clinic", "emergency", "crisis"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_question_about_a_sign_offers_the_very_tier_of_that_sign(real, tier, language):
    answer = answered(real, "utter_what_if", heard(asked=tier, language=language))
    assert [button["payload"] for button in answer["buttons"]] == [f"/red_flag/{tier}", "/deny"]
    assert ("ahora?" in answer["text"]) is (language == "es")


def test_yes_is_answered_with_the_tier_that_was_asked_about_and_for_whom(real):
    tracker = heard("what_if", asked="emergency", relative=True, language="en")
    answer = answered(real, "utter_again_red_flag", tracker)
    assert answer["metadata"]["topic"] == "red_flag/emergency"
    assert "Stay with them" in answer["text"]
    tracker = heard("what_if", asked="clinic", language="es")
    assert answered(real, "utter_again_red_flag", tracker)["text"].startswith("Llame a la clínica hoy")


def test_yes_without_a_known_question_is_the_clinics_tier(real):
    assert answered(real, "utter_again_red_flag", heard())["metadata"]["topic"] == "red_flag/clinic"


def test_a_spanish_writer_is_reminded_in_spanish_whatever_was_said(real):
    answer = answered(real, "utter_affirm", heard("red_flag/clinic", language="es"))
    assert answer["text"].startswith("Por favor llame a la clínica hoy")


def test_links_stand_in_the_order_of_the_text(real):
    assert numbers(answered(real, "utter_red_flag/crisis", heard())) == ["988", "911", "+18002221222", "+12025550142"]


# Forms


def test_a_forms_options_are_buttons_in_the_patients_language(real):
    answer = answered(real, "utter_ask_patient_name", heard())
    assert answer["buttons"][0] == {"title": "Skip", "payload": "/press_skip"}
    answer = answered(real, "utter_ask_patient_name", heard(language="es"))
    assert answer["buttons"][0] == {"title": "Omitir", "payload": "/press_skip"}


def test_a_form_reads_back_what_it_was_given_as_people_read_it(real):
    given = {
        "patient_name": "morning",
        "phone": "+12025550142;ext=12",
        "best_time": "morning",
        "visit": "my second {line}",
    }
    text = answered(real, "utter_ask_consent", heard(**given))["text"]
    lines = ["About: my second {line}", "Name: morning", "Phone: (202) 555-0142 ext. 12", "Best time: Morning"]
    assert "\n".join(lines) in text
    assert "Question" not in text


def test_a_number_that_could_not_be_read_is_read_back_as_it_was_written(real):
    text = answered(real, "utter_ask_consent", heard(phone="unchecked", phone_written=["202", "on file"]))["text"]
    assert "Phone, as you wrote it: 202; on file" in text
    assert "Phone: " not in text


@pytest.mark.parametrize("name", ["opens_callback", "ask_phone", "ask_consent", "passed_on", "form_stopped"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_after_a_warning_a_form_begins_with_the_number_to_call(real, name, language):
    answer = answered(real, f"utter_{name}", heard("red_flag/emergency", language=language))
    assert numbers(answer)[:2] == ["911", "+12025550142"]
    assert answer["text"].startswith("First" if language == "en" else "Primero")


def test_the_second_message_of_a_reply_does_not_repeat_it(real):
    tracker = heard("red_flag/emergency")
    tracker.update(BotUttered("First, please call 911 now …"))
    assert answered(real, "utter_ask_phone", tracker)["text"] == "What phone number should they call?"


@pytest.mark.parametrize(
    "name",
    [name for name in REAL.responses if any("options" in (v.get("metadata") or {}) for v in REAL.responses[name])],
)
def test_every_option_has_its_words_and_its_intent(real, name):
    for response in REAL.responses[name]:
        for option in response["metadata"]["options"]:
            assert f"press_{option}" in REAL.intents
            assert {f"option/{option}", f"option/{option}/es"} <= set(real._content.written)
