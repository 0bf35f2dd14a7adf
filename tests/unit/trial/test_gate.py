"""The gate for what staff train: what closes it, and what only shows."""

from patchline.trial.gate import Case, Judgement, Result, trial_failures


def result(text, tier, together):
    return Result(Case(text, tier, "saddle"), Judgement(None, None, together))


GOOD = [
    *(result(f"sign {number}", "clinic", "clinic") for number in range(100)),
    *(result(f"emergency {number}", "emergency", "emergency") for number in range(20)),
    result("crisis", "crisis", "crisis"),
    *(result(f"harmless {number}", None, None) for number in range(100)),
]


def test_it_opens_when_everything_is_judged_rightly():
    assert trial_failures(GOOD, {}, GOOD) == []


def test_a_missed_sign_without_a_recorded_reason_closes_it():
    missed = [*GOOD, result("my toes hum", "clinic", None)]
    assert trial_failures(missed, {}) == ["1 warning sign is missed that earlier models saw"]
    assert trial_failures(missed, {"my toes hum": "too vague"}) == []


def test_a_missed_emergency_closes_it_whatever_the_reason():
    missed = [*GOOD, result("numb where i sit", "emergency", None)]
    assert trial_failures(missed, {"numb where i sit": "looked at"})[0].startswith("Emergencies noticed: 95.24%")


def test_a_harmless_message_that_is_raised_newly_closes_nothing_while_97_percent_are_left_alone():
    assert trial_failures([*GOOD, result("false alarm", None, "clinic")], {}, None) == []
    wolf = [result(f"false alarm {number}", None, "clinic") for number in range(4)]
    assert trial_failures([*GOOD, *wolf], {})[0].startswith("Harmless messages left alone: ")


def test_an_emergency_with_a_lower_tier_than_before_closes_it():
    new, old = result("can't pee", "emergency", "clinic"), result("can't pee", "emergency", "emergency")
    closed = ["1 warning sign is answered with less urgency than by the serving model"]
    assert trial_failures([*GOOD, new], {}, [*GOOD, old]) == closed
    assert trial_failures([*GOOD, new], {}, [*GOOD, new]) == []
    assert trial_failures([*GOOD, new], {}) == []
