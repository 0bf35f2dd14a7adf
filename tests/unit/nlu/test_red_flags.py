"""The red-flag component: two nets, one decision."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from patchline.nlu.intent_classifier import RED_FLAG_PROBABILITY, SECOND_NET
from patchline.nlu.red_flags import RAISED, RedFlags


@pytest.fixture(scope="module")
def component(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATCHLINE_VAR", str(tmp_path_factory.mktemp("var")))
        yield RedFlags(RedFlags.get_default_config())


def intent(component, text, model=None, probability=0.0, understood="faq"):
    message = Message(
        data={"text": text, "intent": {"name": understood}, SECOND_NET: model, RED_FLAG_PROBABILITY: probability}
    )
    component.process([message])
    selected = message.get("response_selector") or {}
    return selected.get("red_flag", {}).get("response", {}).get("intent_response_key") or message.get("intent")["name"]


def test_the_model_alone_raises(component):
    assert intent(component, "my feet belong to someone else", "clinic", 0.6) == "red_flag/clinic"


def test_the_rules_raise_where_the_model_is_unsure(component):
    assert intent(component, "I have a fever of 102 since the patch", None, 0.4) == "red_flag/clinic"


def test_a_yes_with_the_sign_is_that_sign_also_where_the_question_was_never_heard(component):
    said = "yes I have that now, my leg is numb"
    assert intent(component, said, None, 0.0, understood="happening_now") == "red_flag/clinic"
    assert intent(component, "yes, right now", None, 0.0, understood="happening_now") == "happening_now"


def test_the_worse_tier_of_both_nets_counts(component):
    assert intent(component, "my legs are numb and I can't pee at all", "clinic", 0.6) == "red_flag/emergency"


def test_a_message_without_a_warning_sign_keeps_its_intent(component):
    assert intent(component, "how long do I lie flat", None, 0.01) == "faq"


def test_signs_that_are_all_denied_are_not_raised_and_the_question_is_answered(component):
    message = Message(
        data={
            "text": "no fever, no numbness, just asking when I can shower",
            "intent": {"name": "red_flag"},
            "intent_ranking": [
                {"name": "red_flag/clinic", "confidence": 0.34},
                {"name": "faq/activity", "confidence": 0.3},
            ],
            SECOND_NET: None,
            RED_FLAG_PROBABILITY: 0.34,
        }
    )
    component.process([message])
    assert message.get("response_selector")["faq"]["response"]["intent_response_key"] == "faq/activity"


def test_a_denial_does_not_silence_the_model(component):
    text = "no fever or headache, just gotta push really hard to get a little out"
    assert intent(component, text, "clinic", 0.9) == "red_flag/clinic"


def test_a_message_that_is_near_a_warning_sign_gets_one_check(component):
    assert intent(component, "funny thing with the tap", None, 0.4) == "check"


def test_a_present_sign_beside_a_denied_one_is_raised(component):
    assert intent(component, "no fever but my left leg is numb", None, 0.4) == "red_flag/clinic"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no puedo orinar desde ayer", "red_flag/emergency_es"),
        ("tengo fiebre y escalofríos desde el parche", "red_flag/clinic_es"),
        ("me quiero morir", "red_flag/crisis_es"),
        ("¿puedo comer antes del procedimiento?", "spanish"),
    ],
)
def test_spanish_is_answered_in_spanish(component, text, expected):
    assert intent(component, text) == expected


def slots(component, text, **properties):
    message = Message(data={"text": text, "intent": {"name": "faq"}, "intent_ranking": []} | properties)
    component.process([message])
    return {item["entity"]: item["value"] for item in message.get("entities") if item["extractor"] == "RedFlags"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my wife's legs are numb", "red_flag/clinic_they"),
        ("my 12 year old had the patch, now her head hurts again", "red_flag/clinic_they"),
        ("I'm 20 weeks pregnant and my legs are numb", "red_flag/clinic"),
        ("mi esposo no puede orinar desde ayer", "red_flag/emergency_es_they"),
        ("he tenido fiebre y escalofríos desde ayer", "red_flag/clinic_es"),
        ("los dolores de cabeza son fuertes otra vez y tengo fiebre", "red_flag/clinic_es"),
    ],
)
def test_a_relative_and_a_patient_are_told_apart(component, text, expected):
    assert intent(component, text, None, 0.5) == expected


def test_a_relative_is_recognised_also_where_the_model_alone_sees_the_sign(component):
    assert intent(component, "my dad says the floor went soft under him", "clinic", 0.6) == "red_flag/clinic_they"


@pytest.mark.parametrize(
    ("text", "model", "probability", "source"),
    [
        ("the floor goes soft under me", "clinic", 0.6, "model"),
        ("my left leg is numb", None, 0.5, "rules"),
        ("my left leg is numb", "clinic", 0.5, "both"),
    ],
)
def test_it_says_which_net_saw_the_sign(component, text, model, probability, source):
    message = Message(
        data={"text": text, "intent": {"name": "faq"}, SECOND_NET: model, RED_FLAG_PROBABILITY: probability}
    )
    component.process([message])
    assert message.get(RAISED)["source"] == source


def test_a_message_without_a_sign_says_that_none_was_raised(component):
    message = Message(data={"text": "how long do I lie flat", "intent": {"name": "faq"}})
    component.process([message])
    assert message.get(RAISED) == {"tier": None, "source": None, "language": "en", "relative": False}


def test_with_a_model_that_knows_no_warning_signs_the_rules_raise_alone(component):
    assert intent(component, "I can't pee at all since the patch", None, None) == "red_flag/emergency"


def test_where_the_model_is_certain_that_a_message_is_harmless_the_rules_do_not_raise(component):
    assert intent(component, "What's that song, cant feel my face something", None, 0.05) == "faq"


@pytest.mark.parametrize(
    ("text", "asked", "relative"),
    [
        ("what if I get a fever", "clinic", False),
        ("what if my wife can't pee afterwards", "emergency", True),
        ("my sister was suicidal years ago", "crisis", True),
        ("¿y si no puedo orinar?", "emergency", False),
        ("¿y si me da fiebre después?", "clinic", False),
    ],
)
def test_a_sign_that_is_only_asked_about_remembers_its_tier_and_whose_it_is(component, text, asked, relative):
    found = slots(component, text, intent={"name": "nlu_fallback"}, **{RED_FLAG_PROBABILITY: 0.3})
    assert (found["asked"], found["relative"]) == (asked, relative)
    assert intent(component, text, None, 0.3, understood="nlu_fallback") == "what_if"


@pytest.mark.parametrize(
    ("text", "probability", "expected"),
    [
        ("I had a seizure years ago, does that go on the form", 0.3, "faq"),
        ("if I get a fever who do I call", 0.15, "faq"),
        ("if I get a fever who do I call", 0.33, "what_if"),
    ],
)
def test_a_question_of_the_document_keeps_its_answer_unless_it_is_near_a_warning_sign(
    component, text, probability, expected
):
    assert intent(component, text, None, probability) == expected


def test_what_is_alarming_but_vague_gets_the_check(component):
    assert intent(component, "something is not right", None, 0.05) == "check"
    assert intent(component, "numb", None, 0.05) == "check"
    assert slots(component, "my wife is getting worse")["relative"] is True


def test_a_spanish_yes_with_the_sign_is_that_sign_and_no_hypothetical(component):
    assert intent(component, "sí, tengo fiebre ahora") == "red_flag/clinic_es"


@pytest.mark.parametrize(
    ("text", "expected"), [("sí", "affirm"), ("Si, ahora", "affirm"), ("no, gracias", "deny"), ("gracias", "spanish")]
)
def test_a_spanish_yes_or_no_is_an_answer(component, text, expected):
    assert intent(component, text) == expected


def test_a_short_answer_does_not_change_the_language_that_is_spoken(component):
    assert "language" not in slots(component, "ok")
    assert slots(component, "gracias por todo")["language"] == "es"
    assert slots(component, "how long do I lie flat")["language"] == "en"


def test_a_button_means_what_it_says(component):
    assert intent(component, "/faq/symptoms") == "faq"
