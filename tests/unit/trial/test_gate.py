"""The gate for what staff train: what closes it, and what only shows."""

from patchline.trial.gate import FLIPS, Case, Judgement, Result, failures


def result(text, tier, together, outcome=None):
    return Result(Case(text, tier, "saddle"), Judgement(None, together, outcome or together))


GOOD = [
    *(result(f"sign {number}", "clinic", "clinic") for number in range(100)),
    *(result(f"emergency {number}", "emergency", "emergency") for number in range(20)),
    result("crisis", "crisis", "crisis"),
    *(result(f"harmless {number}", None, None) for number in range(100)),
]
MORE = range(FLIPS + 1)


def test_it_opens_when_everything_is_judged_rightly():
    assert failures(GOOD, GOOD) == []


def test_a_sign_that_is_asked_about_with_the_number_is_noticed():
    asked = result("my toes hum", "emergency", None, "check")
    assert asked.right
    assert failures([*GOOD, *[asked] * 20]) == []


def test_more_missed_signs_than_change_with_every_training_close_it():
    missed = [result(f"my toes hum {number}", "clinic", None) for number in MORE]
    seen = [result(item.case.text, "clinic", "clinic") for item in missed]
    closed = [f"{len(missed)} warning signs are missed that the serving model saw"]
    many = GOOD * 3
    assert failures([*many, *missed], [*many, *seen]) == closed
    assert failures([*many, *missed[1:]], [*many, *seen[1:]]) == []


def test_a_missed_emergency_in_twenty_closes_it_whatever_the_serving_model_does():
    missed = result("numb where i sit", "emergency", None)
    assert failures([*GOOD, missed], [*GOOD, missed])[0].startswith("Emergencies noticed: 95.24%")


def test_a_harmless_message_that_is_raised_newly_closes_nothing_while_97_percent_are_left_alone():
    assert failures([*GOOD, result("false alarm", None, "clinic")]) == []
    wolf = [result(f"false alarm {number}", None, "clinic") for number in range(4)]
    assert failures([*GOOD, *wolf])[0].startswith("Harmless messages left alone: ")


def test_emergencies_with_a_lower_tier_than_before_close_it():
    new = [result(f"can't pee {number}", "emergency", "clinic") for number in MORE]
    old = [result(item.case.text, "emergency", "emergency") for item in new]
    closed = [f"{len(new)} warning signs are answered with less urgency than by the serving model"]
    assert failures([*GOOD, *new], [*GOOD, *old]) == closed
    assert failures([*GOOD, *new], [*GOOD, *new]) == []
    assert failures([*GOOD, *new]) == []
