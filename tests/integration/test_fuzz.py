"""A small part of `make fuzz`: hostile inputs against the running system."""

from evaluation import fuzz


def test_hostile_inputs_break_nothing_lose_nothing_and_are_answered_in_time(system):
    found = fuzz.attack(system, scale=0.012, seed=7, say=lambda words: None)
    assert found.faults == []
    assert found.kept == found.answered > 50
    assert set(found.sent) == set(fuzz.NUMBERS)
    assert found.statuses["forms 404"] + found.statuses["forms 422"] > 5
