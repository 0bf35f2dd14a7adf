"""Office hours: open or closed at a moment, and when the clinic opens next."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from patchline.hours import Hours

NEW_YORK = "America/New_York"
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
OFFICE = Hours(WEEK, NEW_YORK, (date(2026, 11, 26), date(2026, 12, 25)))


def at(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-23 07:59", False),  # a Monday
        ("2026-11-23 08:00", True),
        ("2026-11-23 16:59", True),
        ("2026-11-23 17:00", False),
        ("2026-11-22 12:00", False),  # a Sunday
        ("2026-11-26 12:00", False),  # a holiday
    ],
)
def test_it_is_open_from_the_first_minute_to_the_last_but_not_on_holidays(moment, open_):
    assert OFFICE.is_open(at(moment)) is open_


def test_the_clinics_own_timezone_counts():
    assert OFFICE.is_open(at("2026-11-23 21:30", "UTC"))  # 16:30 in New York
    assert not OFFICE.is_open(at("2026-11-23 08:30", "UTC"))


@pytest.mark.parametrize(
    ("moment", "english", "spanish"),
    [
        ("2026-11-23 09:00", "", ""),
        ("2026-11-23 06:00", "today at 8 am", "hoy a las 8 de la mañana"),
        ("2026-11-23 20:00", "tomorrow at 8 am", "mañana a las 8 de la mañana"),
        ("2026-11-20 18:00", "on Monday at 8 am", "el lunes a las 8 de la mañana"),
        ("2026-11-25 18:00", "on Friday at 8 am", "el viernes a las 8 de la mañana"),  # over the holiday
        ("2026-12-24 18:00", "on Monday at 8 am", "el lunes a las 8 de la mañana"),
    ],
)
def test_the_next_opening_is_said_as_people_say_it(moment, english, spanish):
    assert OFFICE.opens(at(moment)) == english
    assert OFFICE.opens(at(moment), "es") == spanish


def test_a_far_opening_has_its_date():
    rare = Hours({"monday": "13:30-15:00"}, NEW_YORK, (date(2026, 11, 30),))
    assert rare.opens(at("2026-11-24 12:00")) == "on Monday, December 7, at 1:30 pm"
    assert rare.opens(at("2026-11-24 12:00"), "es") == "el lunes 7 de diciembre a la 1:30 de la tarde"


def test_a_clinic_that_is_never_open_says_nothing_of_its_hours():
    assert Hours({}, NEW_YORK).opens(at("2026-11-24 12:00")) == ""


def test_midnight_is_the_end_of_a_day():
    always = Hours({"monday": "00:00-24:00"}, NEW_YORK)
    assert always.is_open(at("2026-11-23 23:59"))
    assert not always.is_open(at("2026-11-24 00:00"))


def test_on_the_day_when_the_clocks_change_the_opening_is_still_at_8():
    sunday = Hours({"sunday": "08:00-12:00"}, NEW_YORK)
    opening = sunday.next_opening(at("2026-10-31 22:00"))
    assert (opening.hour, opening.utcoffset().total_seconds() / 3600) == (8, -5)
