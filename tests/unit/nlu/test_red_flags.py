"""The red-flag component: two nets, one decision."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from patchline.nlu.intent_classifier import RED_FLAG_PROBABILITY, SECOND_NET
from patchline.nlu.red_flags import RedFlags


@pytest.fixture(scope="module")
def component(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATCHLINE_VAR", str(tmp_path_factory.mktemp("var")))
        yield RedFlags(RedFlags.get_default_config())


def intent(component, text, model=None, probability=0.0):
    message = Message(
        data={"text": text, "intent": {"name": "faq"}, SECOND_NET: model, RED_FLAG_PROBABILITY: probability}
    )
    component.process([message])
    selected = message.get("response_selector") or {}
    return selected.get("red_flag", {}).get("response", {}).get("intent_response_key") or message.get("intent")["name"]


def test_the_model_alone_raises(component):
    assert intent(component, "my feet belong to someone else", "clinic", 0.6) == "red_flag/clinic"


def test_the_rules_raise_where_the_model_is_unsure(component):
    assert intent(component, "I have a fever of 102 since the patch", None, 0.2) == "red_flag/clinic"


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
                {"name": "red_flag/clinic", "confidence": 0.5},
                {"name": "faq/activity", "confidence": 0.3},
            ],
            SECOND_NET: "clinic",
            RED_FLAG_PROBABILITY: 0.5,
        }
    )
    component.process([message])
    assert message.get("response_selector")["faq"]["response"]["intent_response_key"] == "faq/activity"


def test_a_present_sign_beside_a_denied_one_is_raised(component):
    assert intent(component, "no fever but my left leg is numb", None, 0.3) == "red_flag/clinic"


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


def test_a_button_means_what_it_says(component):
    assert intent(component, "/faq/symptoms") == "faq"
