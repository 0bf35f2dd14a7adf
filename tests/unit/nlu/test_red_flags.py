"""The red-flag component: two nets, one decision."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from patchline.nlu.calibration import Calibration
from patchline.nlu.decision import Limits
from patchline.nlu.intent_classifier import EVIDENCE
from patchline.nlu.red_flags import DECIDED, RAISED, RedFlags
from patchline.nlu.sign_evidence import SignEvidence
from patchline.nlu.sign_model import SignReading

BY_MEANING = Calibration((1.0, 0.0, 0.0, 0.0, 0.0), 0.0)  # the probability is what the sign model sees by meaning
SURE, IN_DOUBT, HARMLESS = Limits().raised * 5, Limits().raised / 1.7, Limits().checked / 2


@pytest.fixture(scope="module")
def component(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATCHLINE_VAR", str(tmp_path_factory.mktemp("var")))
        yield RedFlags(RedFlags.get_default_config())


def evidence(probability, tier="clinic"):
    """What a sign model would say; None for no model at all."""
    if probability is None:
        return None
    seen = (1 - probability, *(probability if tier == one else 0.0 for one in ("clinic", "emergency", "crisis")))
    return SignEvidence((SignReading(seen, seen),), (), BY_MEANING)


def processed(component, text, probability=HARMLESS, tier="clinic", understood="faq", confidence=0.3):
    message = Message(
        data={
            "text": text,
            "intent": {"name": understood, "confidence": confidence},
            EVIDENCE: evidence(probability, tier),
        }
    )
    component.process([message])
    return message


def intent(component, text, probability=HARMLESS, tier="clinic", understood="faq", confidence=0.3):
    message = processed(component, text, probability, tier, understood, confidence)
    selected = message.get("response_selector") or {}
    return selected.get("red_flag", {}).get("response", {}).get("intent_response_key") or message.get("intent")["name"]


def slots(component, text, **about):
    entities = processed(component, text, **about).get("entities") or []
    return {item["entity"]: item["value"] for item in entities if item["extractor"] == "RedFlags"}


def test_what_is_sure_is_raised_also_where_the_rules_know_no_word_of_it(component):
    assert intent(component, "my feet belong to someone else", SURE) == "red_flag/clinic"


def test_what_is_in_doubt_gets_one_check(component):
    assert intent(component, "funny thing with the tap", IN_DOUBT) == "check"


def test_what_is_harmless_to_the_model_is_answered_whatever_the_rules_see(component):
    assert intent(component, "What's that song, cant feel my face something", HARMLESS) == "faq"
    assert intent(component, "how long do I lie flat", HARMLESS) == "faq"


def test_a_clear_question_is_answered_where_a_statement_would_be_asked_about(component):
    between = (Limits().checked + Limits().checked_question) / 2
    assert intent(component, "when does the tingle stop", between, confidence=0.9) == "faq"
    assert intent(component, "there is a tingle", between, understood="smalltalk") == "check"


def test_the_rules_tier_counts_where_it_is_worse_and_not_unlikely(component):
    text = "my legs are numb and I can't pee at all"
    seen = SignReading((0.3, 0.5, 0.2, 0.0), (0.3, 0.5, 0.2, 0.0))
    message = Message(data={"text": text, "intent": {"name": "faq"}, EVIDENCE: SignEvidence((seen,), (), BY_MEANING)})
    component.process([message])
    assert message.get(RAISED)["tier"] == "emergency"


def test_a_yes_with_the_sign_is_that_sign(component):
    said = "yes I have that now, my leg is numb"
    assert intent(component, said, SURE, understood="happening_now") == "red_flag/clinic"
    assert intent(component, "yes, right now", HARMLESS, understood="happening_now") == "happening_now"


def test_a_decision_is_told_without_a_word_of_the_patient(component):
    told = processed(component, "my left leg is numb", SURE).get(DECIDED)
    assert told["outcome"] == "raise"
    assert told["probability"] == pytest.approx(SURE, abs=0.001)
    assert not any("numb" in reason for reason in told["reasons"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no puedo orinar desde ayer", "red_flag/emergency_es"),
        ("tengo fiebre y escalofríos desde el parche", "red_flag/clinic_es"),
        ("me quiero morir", "red_flag/crisis_es"),
        ("¿puedo comer antes del procedimiento?", "spanish"),
    ],
)
def test_spanish_is_answered_in_spanish_by_the_rules_alone(component, text, expected):
    assert intent(component, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my wife's legs are numb", "red_flag/clinic_they"),
        ("my 12 year old had the patch, now her head hurts again", "red_flag/clinic_they"),
        ("I'm 20 weeks pregnant and my legs are numb", "red_flag/clinic"),
        ("my dad says the floor went soft under him", "red_flag/clinic_they"),
        ("mi esposo no puede orinar desde ayer", "red_flag/emergency_es_they"),
        ("he tenido fiebre y escalofríos desde ayer", "red_flag/clinic_es"),
        ("los dolores de cabeza son fuertes otra vez y tengo fiebre", "red_flag/clinic_es"),
    ],
)
def test_a_relative_and_a_patient_are_told_apart(component, text, expected):
    assert intent(component, text, SURE) == expected


@pytest.mark.parametrize(
    ("text", "probability", "source"),
    [("the floor goes soft under me", SURE, "model"), ("my left leg is numb", SURE, "both")],
)
def test_it_says_who_saw_the_sign(component, text, probability, source):
    assert processed(component, text, probability).get(RAISED)["source"] == source


def test_a_message_without_a_sign_says_that_none_was_raised(component):
    raised = processed(component, "how long do I lie flat").get(RAISED)
    assert raised == {"tier": None, "source": None, "language": "en", "relative": False}


def test_without_a_sign_model_the_rules_raise_alone(component):
    assert intent(component, "I can't pee at all since the patch", None) == "red_flag/emergency"
    assert processed(component, "my left leg is numb", None).get(RAISED)["source"] == "rules"


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
    found = slots(component, text, understood="nlu_fallback")
    assert (found["asked"], found["relative"]) == (asked, relative)
    assert intent(component, text, understood="nlu_fallback") == "what_if"


def test_a_question_keeps_its_answer_also_where_it_names_a_sign(component):
    assert intent(component, "I had a seizure years ago, does that go on the form") == "faq"
    assert intent(component, "if I get a fever who do I call") == "faq"


def test_what_is_alarming_but_vague_gets_the_check_where_nothing_else_is_understood(component):
    assert intent(component, "something is not right", understood="nlu_fallback") == "check"
    assert intent(component, "numb", understood="nlu_fallback") == "check"
    assert slots(component, "my wife is getting worse", understood="nlu_fallback")["relative"] is True


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
