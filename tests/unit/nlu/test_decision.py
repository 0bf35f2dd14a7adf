"""Raise, check or answer: the table of what becomes of a message."""

import pytest

from patchline.nlu.decision import Limits, Seen, decide
from patchline.safety.model import TIERS, Detection, Flag, worst

LIMITS = Limits(
    raised=0.5,
    raised_urgent=0.4,
    checked=0.1,
    checked_question=0.3,
    urgent=0.9,
    words=0.2,
    emergency=0.4,
    stated=0.1,
)
NOTHING = Detection(None)


def stated(*tiers, weak=False, status="present", language="en"):
    """What the rules see: a sign of each of these tiers."""
    flags = tuple(Flag("a sign", tier, "any", (0, 1), "x", status, None, weak) for tier in tiers)
    return Detection(worst(tiers) if status == "present" else None, flags, language=language)


def seen(probability, words=0.5, question=False, **shares):
    """What the models see; without shares all of it is of the clinic's tier."""
    return Seen(probability, words, dict.fromkeys(TIERS, 0.0) | (shares or {"clinic": 1.0}), question)


def made(detection, found):
    decided = decide(detection, found, LIMITS)
    return decided.outcome, decided.tier


@pytest.mark.parametrize(
    ("probability", "question", "outcome"),
    [
        (0.99, False, "raise"),
        (0.5, False, "raise"),
        (0.49, False, "check"),
        (0.1, False, "check"),
        (0.09, False, "answer"),
        (0.0, False, "answer"),
        (0.5, True, "raise"),  # a question does not talk a sign away
        (0.49, True, "check"),
        (0.3, True, "check"),
        (0.29, True, "answer"),
    ],
)
def test_a_probability_is_raised_asked_about_or_answered(probability, question, outcome):
    assert made(NOTHING, seen(probability, question=question)) == (outcome, "clinic" if outcome == "raise" else None)


def test_the_rules_are_in_the_probability_and_raise_nothing_beside_it():
    assert made(stated("clinic"), seen(0.05)) == ("answer", None)
    assert made(stated("emergency"), seen(0.2)) == ("check", None)


@pytest.mark.parametrize(
    ("shares", "rules", "tier"),
    [
        ({"clinic": 0.7, "emergency": 0.3}, (), "clinic"),
        ({"clinic": 0.55, "emergency": 0.45}, (), "emergency"),  # from `emergency` on it is one
        ({"clinic": 0.6, "emergency": 0.4}, (), "emergency"),
        ({"crisis": 0.55, "clinic": 0.45}, (), "crisis"),
        # an emergency before a crisis
        ({"crisis": 0.55, "emergency": 0.45}, (), "emergency"),
        ({"crisis": 0.55, "emergency": 0.45}, ("crisis",), "emergency"),
        ({"emergency": 0.6, "crisis": 0.4}, ("crisis",), "emergency"),
        ({"crisis": 0.6, "emergency": 0.4}, ("crisis", "emergency"), "emergency"),
        ({"crisis": 0.85, "emergency": 0.15}, ("crisis", "emergency"), "emergency"),
        ({"crisis": 0.85, "emergency": 0.15}, ("crisis",), "crisis"),
        # the rules' tier where it is more urgent and not unlikely
        ({"clinic": 0.85, "emergency": 0.15}, ("emergency",), "emergency"),
        ({"clinic": 0.95, "emergency": 0.05}, ("emergency",), "clinic"),
        ({"clinic": 0.85, "crisis": 0.15}, ("crisis",), "crisis"),
        ({"clinic": 0.95, "crisis": 0.05}, ("crisis",), "clinic"),
        ({"clinic": 0.7, "emergency": 0.15, "crisis": 0.15}, ("crisis", "emergency"), "emergency"),
        ({"emergency": 0.8, "clinic": 0.2}, ("clinic",), "emergency"),
        ({"crisis": 0.8, "clinic": 0.2}, ("clinic",), "crisis"),
    ],
)
def test_the_tier_of_a_sign(shares, rules, tier):
    assert made(stated(*rules), seen(0.8, **shares)) == ("raise", tier)


@pytest.mark.parametrize("detection", [stated("emergency", weak=True), stated("emergency", status="negated")])
def test_weak_words_and_denied_ones_state_no_tier(detection):
    assert made(detection, seen(0.8, clinic=0.8, emergency=0.2)) == ("raise", "clinic")


@pytest.mark.parametrize("tier", ["emergency", "crisis"])
@pytest.mark.parametrize(
    ("detection", "probability", "words", "outcome"),
    [
        (NOTHING, 0.8, 0.1, "check"),
        (NOTHING, 0.8, 0.2, "raise"),  # the words of the message
        (NOTHING, 0.9, 0.0, "raise"),  # so sure that no other evidence is needed
        (NOTHING, 0.89, 0.0, "check"),
        (stated("clinic"), 0.5, 0.0, "raise"),  # the rules see something
        (stated("clinic", weak=True), 0.5, 0.0, "raise"),
        (stated("clinic", status="hypothetical"), 0.8, 0.0, "check"),
        (NOTHING, 0.4, 0.2, "raise"),  # with evidence they are raised earlier
        (NOTHING, 0.39, 0.2, "check"),
        (NOTHING, 0.4, 0.1, "check"),
        (NOTHING, 0.09, 0.2, "answer"),
    ],
)
def test_911_and_988_need_evidence_in_the_words(tier, detection, probability, words, outcome):
    found = seen(probability, words, **{tier: 1.0})
    assert made(detection, found) == (outcome, tier if outcome == "raise" else None)


def test_the_clinics_line_needs_no_evidence_in_the_words():
    assert made(NOTHING, seen(0.5, words=0.0)) == ("raise", "clinic")
    assert made(stated("clinic"), seen(0.49, words=1.0)) == ("check", None), "and is not raised earlier with it"


@pytest.mark.parametrize(
    ("detection", "outcome"),
    [
        (stated("emergency", language="es"), ("raise", "emergency")),
        (stated("clinic", weak=True, language="es"), ("raise", "clinic")),
        (stated("clinic", status="hypothetical", language="es"), ("answer", None)),
        (Detection(None, language="es"), ("answer", None)),
        (stated("crisis"), ("raise", "crisis")),
    ],
)
def test_in_spanish_and_without_a_sign_model_the_rules_decide_alone(detection, outcome):
    assert made(detection, None) == outcome


@pytest.mark.parametrize(
    ("detection", "found", "source"),
    [
        (NOTHING, seen(0.8), "model"),
        (stated("clinic"), seen(0.8), "both"),
        (stated("clinic", weak=True), seen(0.8), "model"),
        (stated("clinic"), None, "rules"),
        (stated("clinic"), seen(0.2), None),
        (NOTHING, seen(0.0), None),
    ],
)
def test_it_says_who_saw_the_sign(detection, found, source):
    assert decide(detection, found, LIMITS).source == source


@pytest.mark.parametrize(
    ("detection", "found", "reasons"),
    [
        (stated("clinic"), seen(0.8), ["80.0%", "the rules see a sign of the tier clinic", "raised as clinic"]),
        (NOTHING, seen(0.2), ["20.0%", "asked about"]),
        (NOTHING, seen(0.02), ["2.0%", "answered"]),
        (NOTHING, seen(0.8, words=0.0, crisis=1.0), ["80.0%", "not sure enough for crisis"]),
        (stated("clinic", language="es"), None, ["the rules decide alone", "a sign is there now"]),
        (NOTHING, None, ["the rules decide alone", "no sign is there now"]),
    ],
)
def test_every_decision_gives_its_reasons_in_plain_words(detection, found, reasons):
    said = decide(detection, found, LIMITS).reasons
    assert len(said) == len(reasons)
    assert all(part in reason for part, reason in zip(reasons, said, strict=True))
