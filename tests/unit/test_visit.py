"""What patients ask about a visit: said as the clinic has written it, and what it has not written is not made up."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from patchline.content import ContentError, visit
from patchline.content.clinic import load_clinic
from patchline.content.visit import FACTS, map_of, opening, said
from patchline.hours import Hours
from tests.answers import ROOT

LINE = "(202) 555-0142"
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
OFFICE = Hours(WEEK, "America/New_York", (date(2026, 12, 25), date(2026, 11, 26), date(2027, 3, 1)))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))


def opened(text, on_call=True):
    return opening(OFFICE, on_call, LINE, "911", at(text))


# Facts


def test_what_the_clinic_has_written_is_said_as_it_stands():
    given = {name: f"About {name}." for name in FACTS}
    assert said(given, LINE) == given


def test_what_it_has_not_written_is_said_to_be_unknown_with_the_line_or_not_at_all():
    found = said({}, LINE)
    assert set(found) == set(FACTS)
    for name in ("parking", "companion", "languages"):
        assert found[name].endswith(LINE)
    assert [name for name, sentence in found.items() if not sentence] == [
        "directions", "lie_down", "email", "relay", "fax", "interpreter",
    ]  # fmt: skip
    assert not any("{" in sentence for sentence in found.values())


def test_braces_in_the_clinics_own_words_stay():
    assert said({"parking": "Garage {B}."}, LINE)["parking"] == "Garage {B}."


def test_an_e_mail_address_alone_is_enough_to_write_to():
    assert said({}, LINE)["text"].startswith("I know of no e-mail address")
    assert said({"email": "E-mail us: care@example.org"}, LINE)["text"] == ""
    assert said({"email": "E-mail us.", "text": "Text 555."}, LINE)["text"] == "Text 555."


def test_the_map_is_the_clinics_own_or_made_of_its_address():
    assert map_of({"map": "https://example.org/map"}, "100 Demo Avenue") == "https://example.org/map"
    assert map_of({}, "1 Demo & Sons Rd #2, Parkview").endswith("?query=1+Demo+%26+Sons+Rd+%232%2C+Parkview")


# Opening


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-23 09:00", "The clinic is open now."),
        ("2026-11-23 20:00", "The clinic is closed now. It opens tomorrow at 8 am."),
        ("2026-11-25 18:00", "The clinic is closed now. It opens on Friday at 8 am."),  # over a holiday
    ],
)
def test_it_says_whether_the_clinic_is_open_and_when_it_opens(moment, sentence):
    assert opened(moment)["open_now"] == sentence


def test_without_an_opening_in_sight_it_is_closed_and_no_day_is_made_up():
    never = Hours({}, "America/New_York")
    assert opening(never, True, LINE, "911", at("2026-11-23 09:00"))["open_now"] == "The clinic is closed now."


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2026-11-23 09:00", "It is closed on Thursday, November 26 and on Friday, December 25."),
        ("2026-11-26 23:30", "It is closed on Thursday, November 26 and on Friday, December 25."),  # today counts
        ("2026-11-27 00:30", "It is closed on Friday, December 25."),
        ("2026-12-26 09:00", ""),  # the next one is more than sixty days away
        ("2026-12-31 09:00", "It is closed on Monday, March 1."),
    ],
)
def test_the_holidays_that_come_are_named_in_their_order(moment, sentence):
    assert opened(moment)["closed_days"] == sentence


def test_days_are_counted_by_the_clinics_own_clock():
    utc = datetime(2026, 11, 27, 3, tzinfo=ZoneInfo("UTC"))  # the evening of the 26th in New York
    assert "November 26" in opening(OFFICE, True, LINE, "911", utc)["closed_days"]


def test_who_answers_at_night_depends_on_whether_somebody_is_on_call():
    assert opened("2026-11-23 09:00")["at_night"].endswith(f"someone on call answers the clinic line: {LINE}")
    nobody = opened("2026-11-23 09:00", on_call=False)["at_night"]
    assert "nobody answers the clinic line" in nobody
    assert nobody.endswith("call 911.")


# The clinic's file


def clinic(tmp_path, visit_lines):
    """The shipped file with another `visit:`."""
    before, _, rest = (ROOT / "content" / "clinic.yml").read_text(encoding="utf-8").partition("visit:\n")
    after = rest[rest.index("emergency:\n") :]
    path = tmp_path / "clinic.yml"
    path.write_text(before + "".join(f"{line}\n" for line in visit_lines) + after, encoding="utf-8")
    return load_clinic(path)


def test_a_clinic_may_write_nothing_about_a_visit(tmp_path):
    found = clinic(tmp_path, [])
    assert found.visit == {}
    assert found.placeholders["parking"].startswith("I don't know about parking")


def test_every_fact_can_be_filled_into_an_answer(tmp_path):
    found = clinic(tmp_path, ["visit:", "  parking: Park behind the house.", "  map: https://example.org/map"])
    assert (found.placeholders["parking"], found.placeholders["map"]) == (
        "Park behind the house.",
        "https://example.org/map",
    )
    assert {*FACTS, "map", "open_now", "closed_days", "at_night"} <= set(found.placeholders)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (["visit:", "  parkin: Behind the house."], "parkin"),
        (["visit:", "  parking: ''"], "write a sentence"),
        (["visit:", "  parking: true"], "write a sentence"),
        (["visit:", "  map: http://example.org"], "address of a map"),
        (["visit:", "  map: javascript:alert(1)"], "address of a map"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, lines, error):
    with pytest.raises(ContentError, match=rf"clinic\.yml.*{error}"):
        clinic(tmp_path, lines)


def test_the_shipped_clinic_names_only_facts_that_there_are():
    assert set(load_clinic(ROOT / "content" / "clinic.yml").visit) <= {*FACTS, visit.MAP}
