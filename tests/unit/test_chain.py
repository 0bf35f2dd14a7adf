"""Whom to call next, and when. The clinic of these tests is in New York and open on weekdays from 8 to 5."""

from datetime import datetime, timedelta

import pytest

from patchline.chain import Chain, Contact, Wait, urgency_of
from patchline.hours import Hours

HOURS = Hours(
    dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00"), "America/New_York"
)
MONDAY_NOON = datetime(2026, 11, 23, 17)  # UTC
MONDAY_NIGHT = datetime(2026, 11, 24, 4)
SATURDAY = datetime(2026, 11, 21, 17)

NURSE, SERVICE, DOCTOR = (
    Contact("Nurse", ("log",), "open"),
    Contact("Service", ("log",), "closed"),
    Contact("Doctor", ("log",), times=1),
)
WAITS = {"crisis": Wait(3, 5), "emergency": Wait(3, 5), "clinic": Wait(15, 20), "routine": Wait(120)}
CHAIN = Chain((NURSE, SERVICE, DOCTOR), WAITS, 15, HOURS)


def called(now, unreachable=()):
    """Everybody in the order in which they are called, when nobody acknowledges."""
    names = []
    while contact := CHAIN.next_contact(now, names, unreachable):
        names.append(contact.name)
    return names


def test_each_contact_is_called_as_often_as_written_and_then_the_next():
    assert called(MONDAY_NOON) == ["Nurse", "Nurse", "Doctor"]
    assert called(MONDAY_NIGHT) == ["Service", "Service", "Doctor"]


def test_who_cannot_be_reached_is_passed_over():
    assert called(MONDAY_NOON, {"Nurse"}) == ["Doctor"]
    assert called(MONDAY_NOON, {"Nurse", "Doctor"}) == []


def test_when_the_clinic_closes_in_between_who_is_there_then_is_called():
    assert CHAIN.next_contact(MONDAY_NIGHT, ["Nurse", "Nurse"]).name == "Service"
    assert CHAIN.next_contact(MONDAY_NIGHT, ["Nurse", "Nurse", "Doctor"]).name == "Service"


@pytest.mark.parametrize(
    ("urgency", "now", "minutes"),
    [("crisis", MONDAY_NOON, 3), ("emergency", MONDAY_NIGHT, 5), ("clinic", MONDAY_NOON, 15), ("clinic", SATURDAY, 20)],
)
def test_the_wait_depends_on_the_tier_and_the_hours(urgency, now, minutes):
    assert CHAIN.next_call(urgency, now) == now + timedelta(minutes=minutes)


def test_a_warning_sign_never_waits_until_the_clinic_opens():
    for urgency in ("crisis", "emergency", "clinic"):
        for now in (MONDAY_NOON, MONDAY_NIGHT, SATURDAY):
            assert CHAIN.rests_until(urgency, now) is None


def test_a_wish_waits_until_the_clinic_opens():
    assert CHAIN.rests_until("routine", MONDAY_NOON) is None
    assert CHAIN.rests_until("routine", MONDAY_NIGHT) == datetime(2026, 11, 24, 13)  # 8 am in New York
    assert CHAIN.rests_until("routine", SATURDAY) == datetime(2026, 11, 23, 13)


def test_a_clinic_that_never_opens_does_not_keep_a_wish_waiting_for_ever():
    assert Chain((DOCTOR,), WAITS, 15).rests_until("routine", SATURDAY) is None


def test_a_tier_is_its_own_urgency_and_everything_else_is_routine():
    assert [urgency_of(tier) for tier in ("crisis", "clinic", None)] == ["crisis", "clinic", "routine"]
