"""Insights: figures of messages and tickets, without a word of a patient."""

from datetime import datetime, timedelta

import pytest

from patchline.database.schema import now
from patchline.desk.insights import figures
from patchline.desk.insights.figures import Raised, Said
from patchline.desk.times import Clock
from patchline.escalation import desk_api
from patchline.escalation.tickets import open_ticket
from tests.review import conversations, fill
from tests.unit.desk.conftest import SQLITE, Browser

CLOCK = Clock("America/New_York")
NOON = datetime(2026, 11, 22, 17, 0)  # in New York


@pytest.fixture
def eddy(app):
    browser = Browser(app)
    browser.sign_in("eddy")
    return browser


def said(hours_ago, topic="faq/activity", helpful=None, outcome="answered"):
    return Said(NOON - timedelta(hours=hours_ago), "c1", topic, outcome, helpful)


def test_days_and_weeks_are_the_clinics_and_end_today():
    days = figures.spans(7, NOON, CLOCK)
    assert [f"{name:%m-%d}" for name in (days.names[0], days.names[-1])] == ["11-16", "11-22"]
    assert days.starts[-1] == datetime(2026, 11, 22, 5, 0)
    weeks = figures.spans(30, NOON, CLOCK)
    assert len(weeks.names) == 5
    assert weeks.names[-1] == days.names[0]


def test_messages_are_counted_by_topic_and_day_and_the_unanswered_apart():
    during = figures.spans(7, NOON, CLOCK)
    found = figures.count(
        during,
        [said(1), said(2, helpful=False), said(30, helpful=True), said(1, "fallback"), said(1, None, outcome="timeout"),
         said(1, "faq/cost"), said(24 * 30)],
        [],
    )  # fmt: skip
    assert found.messages == (0, 0, 0, 0, 0, 1, 5)
    assert found.unanswered == (0, 0, 0, 0, 0, 0, 2)
    assert [(one.id, one.total, one.rated, one.not_helpful) for one in found.topics] == [
        ("faq/activity", 3, 2, 1),
        ("faq/cost", 1, 0, 0),
    ]


def test_warning_signs_are_counted_by_category_with_the_time_until_somebody_had_them():
    during = figures.spans(7, NOON, CLOCK)
    signs = [Raised(NOON, NOON + timedelta(minutes=m), "clinic", ("numb_weak",)) for m in (1, 2, 3, 4, 50)]
    found = figures.count(during, [], [*signs, Raised(NOON, None, "crisis", ())]).categories
    assert [(one.id, one.count, one.waiting, one.median, one.slow) for one in found] == [
        ("numb_weak", 5, 0, 3, 50),
        ("crisis", 1, 1, None, None),
    ]


def test_figures_come_from_the_database(engine, numb_leg):
    fill(engine)
    reference = open_ticket(engine, numb_leg).reference
    desk_api.acknowledge(engine, reference, "Nina Ray", now() + timedelta(minutes=4))
    found = figures.read(engine, figures.spans(30, now(), CLOCK))
    assert sum(found.messages) == sum(len(lines) for lines in conversations())
    assert found.conversations == len(conversations())
    assert 0 < sum(found.unanswered) < sum(found.messages)
    assert found.categories[0].median == pytest.approx(4, abs=0.5)


@SQLITE
def test_the_page_and_the_spreadsheet_hold_no_patients_words(engine, eddy, nina, numb_leg):
    fill(engine)
    open_ticket(engine, numb_leg)
    page, file = eddy.get("/desk/insights?days=90"), eddy.get("/desk/insights.csv?days=90")
    assert (page.status_code, file.status_code) == (200, 200)
    assert "Rest and activity after it" in page.text
    assert "Numbness or weakness of the legs" in page.text
    words = {line[0] for lines in conversations() for line in lines if len(line[0]) > 8} | {"leg is numb"}
    assert not [word for word in words if word in page.text or word in file.text]
    assert nina.get("/desk/insights").status_code == 403


@SQLITE
def test_an_empty_clinic_has_figures_too(eddy):
    for days in ("7", "365", "99999999", "x"):
        page = eddy.get(f"/desk/insights?days={days}")
        assert page.status_code == 200
        assert "Nothing was asked in this time." in page.text
