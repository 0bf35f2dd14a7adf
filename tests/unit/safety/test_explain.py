from dataclasses import replace

import pytest

from patchline.safety import Detector
from patchline.safety.explain import explain


@pytest.fixture(scope="module")
def denied(detector):
    return explain("no feaver but my wife's leg is numb", detector)


def test_the_message_is_shown_with_numbered_marks(denied):
    assert "Message:  no [feaver]1 but my wife's [leg is numb]2" in denied


def test_a_lowered_sign_names_rule_and_reason(denied):
    assert "lowered by the rule 'no': said not to be there" in denied


def test_a_present_sign_names_group_tier_source_and_pattern(denied):
    assert '2. "leg is numb": leg-numb (clinic, numb_weak; source: call-4; reviewed 2026-11-22 by Patchline' in denied
    assert "pattern: <leg> ..." in denied
    assert "present: nothing lowers it" in denied


def test_a_misspelling_is_shown_with_what_it_was_read_as(denied):
    assert 'Spelling: "feaver" is read as "fever"' in denied


def test_the_outcome_is_one_sentence_and_says_for_whom(denied):
    assert denied.splitlines()[-1] == (
        "Outcome:  The patient is told to call the clinic today. "
        'It is written for somebody else: the wording says "they".'
    )


def test_a_sign_of_two_parts_shows_both_patterns(detector):
    text = explain("102.4 and a stiff neck", detector)
    neck = "neck_stiff: stiff/tight/rigid/frozen/locked/hard/solid/rock ...2 neck"
    assert f"pattern: fever: <fever_number> and {neck}" in text
    assert "told to call 911 now" in text


def test_a_false_friend_is_named_with_its_reason(detector):
    text = explain("I get hay fever, can I come", detector)
    assert """Not a sign: "fever" (fever); false friend 'ff-history-question': a question of the form""" in text
    assert "No warning sign of the list was found." in text


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("hello", "No alert; the message is answered like any other."),
        ("what if I get a fever", "Nothing is present: the patient gets the call list"),
        ("something isn't right", "Alarming but vague"),
        ("I want to die", "crisis lines"),
        ("no puedo orinar", "In Spanish."),
    ],
)
def test_every_outcome_has_its_sentence(detector, message, outcome):
    assert outcome in explain(message, detector).splitlines()[-1]


def test_a_weak_sign_says_that_it_needs_support(rules):
    groups = tuple(replace(group, weak=group.category == "numb_weak") for group in rules.groups)
    text = explain("my leg is numb", Detector(replace(rules, groups=groups)))
    assert "weak: raises only where the intent model" in text
    assert "the words alone are weak" in text.splitlines()[-1]
