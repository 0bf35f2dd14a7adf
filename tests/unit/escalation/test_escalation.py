import pytest

from patchline.escalation.escalation import Escalation, Sign, merged, read_sign
from patchline.escalation.parsed import intent_of, net_of, sign_of
from patchline.safety.model import worst


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("red_flag/clinic", Sign("clinic")),
        ("red_flag/emergency_they", Sign("emergency", "en", True)),
        ("red_flag/crisis_es", Sign("crisis", "es")),
        ("red_flag/clinic_es_they", Sign("clinic", "es", True)),
        ("red_flag", None),
        ("red_flag/", None),
        ("red_flag/clinic/again", None),
        ("faq/lie_flat", None),
        ("", None),
        (None, None),
    ],
)
def test_a_sign_is_read_from_the_name_of_an_intent_or_a_choice(name, sign):
    assert read_sign(name) == sign


def test_the_worst_tier_is_the_highest_and_none_is_below_all():
    assert worst(["clinic", "crisis", None, "emergency"]) == "crisis"
    assert worst([None, "clinic"]) == "clinic"
    assert worst([]) is None


def test_an_escalation_survives_being_written_as_json(numb_leg, changed):
    for escalation in (numb_leg, changed(categories=None, relative=True, late=True, language="es")):
        assert Escalation.from_json(escalation.to_json()) == escalation


@pytest.mark.parametrize("change", [{"tier": "worse"}, {"said_at": "noon"}, {"unknown": 1}])
def test_other_json_is_refused(numb_leg, change):
    with pytest.raises(ValueError):  # noqa: PT011
        Escalation.from_json(numb_leg.to_json() | change)


def test_of_two_reports_of_a_message_the_higher_tier_stays_whichever_comes_first(numb_leg, changed):
    worse = changed(tier="emergency", categories=("saddle",), triggers=("numb between the legs",))
    for first, second in ((numb_leg, worse), (worse, numb_leg)):
        both = merged(first, second)
        assert both.tier == "emergency"
        assert set(both.categories) == {"numb_weak", "saddle"}
        assert len(both.triggers) == 2


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [("rules", "rules", "rules"), ("model", "rules", "both"), ("rules", "both", "both"), ("model", "choice", "choice")],
)
def test_the_sources_of_two_reports_are_named_together(changed, first, second, both):
    assert merged(changed(source=first), changed(source=second)).source == both


def test_categories_that_nobody_has_looked_for_are_filled_in_by_who_has(changed):
    blank = changed(categories=None, triggers=())
    assert merged(blank, changed()).categories == ("numb_weak",)
    assert merged(changed(), blank).categories == ("numb_weak",)
    assert merged(blank, changed(categories=())).categories == ()


@pytest.mark.parametrize("late", [True, False])
def test_whether_the_patient_was_answered_without_it_is_said_by_who_answers(changed, late):
    gateway, action_server = changed(categories=(), late=late), changed(categories=None)
    assert merged(action_server, gateway).late is late
    assert merged(gateway, action_server).late is late
    assert merged(changed(categories=(), late=False), changed(categories=(), late=True)).late is False


def parsed(intent, **more):
    base, _, key = intent.partition("/")
    selected = {base: {"response": {"intent_response_key": intent}}} if key else {}
    return {"intent": {"name": base, "confidence": 1.0}, "response_selector": selected, **more}


def test_a_sign_is_read_from_rasas_parse_data():
    data = parsed("red_flag/emergency_they", raised={"tier": "emergency", "source": "both"})
    assert intent_of(data) == "red_flag/emergency_they"
    assert sign_of(data) == Sign("emergency", "en", True)
    assert net_of(data) == "both"


def test_parse_data_without_a_sign_has_none():
    for data in ({}, {"intent": None}, parsed("thanks"), parsed("faq/lie_flat", raised=None)):
        assert sign_of(data) is None
        assert net_of(data) is None
