"""Telephone numbers as patients type them."""

import pytest

from patchline import phones
from patchline.phones import Misread, Number, find

WASHINGTON = Number("+12025550142")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("202 555 0142", WASHINGTON),
        ("(202) 555-0142", WASHINGTON),
        ("1-202-555-0142", WASHINGTON),
        ("call me on 202.555.0142 after 5", WASHINGTON),
        ("my number is two oh two five five five oh one four two", WASHINGTON),
        ("two oh two, triple five, oh one four two", WASHINGTON),
        ("dos cero dos cinco cinco cinco cero uno cuatro dos", WASHINGTON),
        ("１２０２５５５０１４２", WASHINGTON),
        ("202 555 0142 ext 12", Number("+12025550142", "12")),
        ("+34 612 345 678", Number("+34612345678")),
        ("0034 612 345 678", Number("+34612345678")),
        ("+44 20 7946 0958", Number("+442079460958")),
        ("2025550142 or 2025550143", WASHINGTON),
    ],
)
def test_a_number_is_found_however_it_is_written(text, number):
    assert find(text, "US") == number


@pytest.mark.parametrize(
    ("text", "reason", "understood"),
    [
        ("202 555 01", "too_short", "202 555 01"),
        ("911", "too_short", "911"),
        ("555 0142", "no_area", "555 0142"),
        ("20255501425555", "too_long", "20255501425555"),
        ("(555) 555-0142", "unknown_area", "(555) 555-0142"),
        ("it is on file", "no_number", ""),
        ("one moment", "no_number", ""),
    ],
)
def test_what_is_no_number_has_a_reason_and_what_was_understood(text, reason, understood):
    assert find(text, "US") == Misread(reason, understood)


def test_a_number_without_a_prefix_belongs_to_the_clinics_region():
    assert find("612 345 678", "ES") == Number("+34612345678")
    assert isinstance(find("612 345 678", "US"), Misread)


@pytest.mark.parametrize("number", [WASHINGTON, Number("+12025550142", "12"), Number("+34612345678")])
def test_a_kept_number_is_read_again_as_it_was(number):
    assert phones.read_kept(number.kept) == number


def test_a_number_is_shown_as_people_of_the_region_write_it():
    assert phones.shown("+12025550142", "US") == "(202) 555-0142"
    assert phones.shown("+12025550142", "ES") == "+1 202-555-0142"
    assert phones.shown(phones.UNCHECKED, "US") == ""


@pytest.mark.parametrize("region", ["US", "ES", "GB", "MX", "DE"])
def test_the_example_is_a_number_of_the_region_that_is_found_again(region):
    assert isinstance(find(phones.example(region), region), Number)
