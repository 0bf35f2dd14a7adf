"""The clinical gate: what opens and what closes it, without a model."""

import pytest

from evaluation import gate
from evaluation.gate import Case, Result
from patchline.trial.gate import TIERS, Judgement


def result(text: str, tier: str | None, together: str | None, category: str = "saddle") -> Result:
    return Result(Case(text, tier, category), Judgement(rules=None, model=together, together=together))


GOOD = [
    *(result(f"sign {number}", "clinic", "clinic") for number in range(100)),
    *(result(f"emergency {number}", "emergency", "emergency") for number in range(20)),
    result("crisis", "crisis", "crisis"),
    *(result(f"harmless {number}", None, None, "idiom") for number in range(100)),
]


def test_it_opens_when_everything_is_judged_rightly():
    assert gate.failures(GOOD, {}) == []


def test_one_missed_emergency_closes_it_even_with_a_reason():
    missed = result("numb where i sit", "emergency", None)
    found = gate.failures([*GOOD, missed], {"numb where i sit": "looked at"})
    assert len(found) == 1
    assert found[0].startswith("emergency: ")


def test_a_miss_without_a_recorded_reason_closes_it_though_the_shares_are_met():
    missed = result("my toes hum", "clinic", None, "numb_weak")
    assert gate.failures([*GOOD, missed], {}) == ["1 wrong without a reason in known_misses.yml"]
    assert gate.failures([*GOOD, missed], {"my toes hum": "too vague to raise"}) == []


def test_crying_wolf_closes_it():
    wolf = [result(f"false alarm {number}", None, "clinic", "idiom") for number in range(4)]
    found = gate.failures([*GOOD, *wolf], {item.case.text: "known" for item in wolf})
    assert [failure.split(":")[0] for failure in found] == ["harmless"]


def test_a_sign_that_is_raised_a_tier_too_low_is_counted_in_the_table():
    low = result("can't pee at all", "emergency", "clinic")
    assert low.right
    assert low.too_low
    assert not result("numb", "clinic", "emergency").too_low
    assert gate.table([low]).splitlines()[1].split()[-1] == "1"


def test_every_wrong_message_is_listed_with_its_reason_and_every_known_one_that_is_right_by_now():
    lines = gate.listing(
        [result("hot tub?", None, "clinic", "idiom"), result("leg dead", "clinic", "clinic")],
        {"hot tub?": "reads like a burn", "leg dead": "old reason"},
    )
    assert lines == [
        "wrongly raised (clinic)  [harmless, idiom] hot tub?  KNOWN: reads like a burn",
        "right by now, take it out of known_misses.yml  [clinic, saddle] leg dead",
    ]


def test_a_known_miss_needs_a_reason(tmp_path):
    file = tmp_path / "known_misses.yml"
    file.write_text("misses:\n- message: leg dead\n  reason: ''\n")
    with pytest.raises(ValueError, match="no reason for 'leg dead'"):
        gate.read_known(file)


def test_the_development_set_is_as_broad_as_the_gate_promises():
    cases = gate.read_cases(gate.MESSAGES)
    signs = [case for case in cases if case.tier]
    assert len(signs) >= 300
    assert len(cases) - len(signs) >= 300
    assert {case.tier for case in signs} == set(TIERS)
    assert all(sum(case.category == name for case in signs) >= 20 for name in {case.category for case in signs})
