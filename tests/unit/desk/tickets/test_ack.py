"""The page behind a notification's link, over HTTP."""

import re
import time
from datetime import timedelta

import pytest

from patchline.database.schema import now
from patchline.desk import audit
from patchline.escalation import desk_api
from patchline.escalation.links import Links
from tests.unit.desk.tickets.test_pages import NUMB, text_of


@pytest.fixture
def numb(clinic):
    return clinic.warning(NUMB, ("legs went numb", "I can't pee"))


@pytest.fixture
def path(clinic, numb):
    return clinic.link(numb).removeprefix(clinic.base_url)


def press(browser, path, status=200, name="Dana"):
    answer = browser.client.post(path, data={"name": name})
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def test_opening_a_link_shows_tier_and_age_and_no_clinical_word_and_changes_nothing(clinic, browser, numb, path):
    before = desk_api.events_of(clinic.engine, numb)
    assert browser.client.head(path).status_code == 200
    page = browser.open(path)
    said = text_of(page)
    assert "Emergency" in said
    assert numb in said
    assert "Nobody has it yet." in said
    assert not re.search(r"\b(numb|pee|legs|bladder)\b", page, re.IGNORECASE)
    assert 'value="Clinic line nurse"' in page
    assert desk_api.events_of(clinic.engine, numb) == before
    assert desk_api.ticket(clinic.engine, numb).state == "open"


def test_one_press_acknowledges_in_the_name_that_was_given_and_a_second_press_is_harmless(clinic, browser, numb, path):
    for _ in range(2):
        said = press(browser, path)
        assert "You have it, Dana (by link)." in said
        assert "Sign in for the details" in said
    case = desk_api.ticket(clinic.engine, numb)
    assert (case.state, case.acknowledged_by) == ("acknowledged", "Dana (by link)")
    assert [one.action for one in desk_api.events_of(clinic.engine, numb)] == ["opened", "acknowledged"]
    assert "link_acknowledged" in [deed.action for deed in audit.read(clinic.engine, reference=numb)]


def test_who_comes_second_reads_who_was_faster(clinic, browser, numb, path):
    desk_api.acknowledge(clinic.engine, numb, "Tom", now())
    assert "Tom was faster and has this ticket." in press(browser, path, 409)
    assert "Tom has this ticket." in text_of(browser.open(path))


def test_a_nameless_press_acknowledges_nothing(clinic, browser, numb, path):
    assert "Please say who you are" in press(browser, path, 422, name="  ")
    assert "shorter name" in press(browser, path, 422, name="x" * 81)
    assert desk_api.ticket(clinic.engine, numb).state == "open"


def test_a_resolved_ticket_says_so_and_a_reopened_one_has_a_link_of_its_own(clinic, browser, numb, path, monkeypatch):
    desk_api.resolve(clinic.engine, numb, "Tom", now(), "went to the ER")
    assert "This ticket is resolved" in text_of(browser.open(path))
    assert "This ticket is resolved" in press(browser, path, 409)
    desk_api.reopen(clinic.engine, numb, "Tom", now() + timedelta(seconds=5))
    press(browser, path, 404)  # from before it was opened again: a new link was sent
    assert desk_api.ticket(clinic.engine, numb).state == "open"
    then = time.time() + 7
    with monkeypatch.context() as later:
        later.setattr("itsdangerous.timed.time.time", lambda: then)
        path = clinic.link(numb).removeprefix(clinic.base_url)
        assert "You have it, Dana (by link)." in press(browser, path)


def test_a_link_that_is_too_old_foreign_or_cut_off_acknowledges_nothing_and_says_what_to_do(
    clinic, browser, numb, path
):
    foreign = Links("x" * 40).sign(numb, "Nurse")
    for token in (foreign, path.rpartition("/")[2][:-4], "nonsense", Links("s" * 40).sign("PL-ZZZZZ")):
        for answer in (
            browser.client.get(f"/desk/ack/{token}"),
            browser.client.post(f"/desk/ack/{token}", data={"name": "D"}),
        ):
            assert answer.status_code == 404
            assert "This link does not work" in answer.text
            assert numb not in answer.text
    assert desk_api.ticket(clinic.engine, numb).state == "open"


@pytest.mark.parametrize(("hours", "status"), [(23, 200), (25, 404)])
def test_a_link_holds_for_a_day(clinic, browser, numb, monkeypatch, hours, status):
    then = time.time() - timedelta(hours=hours).total_seconds()
    with monkeypatch.context() as earlier:
        earlier.setattr("itsdangerous.timed.time.time", lambda: then)
        path = clinic.link(numb).removeprefix(clinic.base_url)
    assert browser.client.get(path).status_code == status


def test_who_is_signed_in_acknowledges_under_the_own_name_and_goes_on_to_the_ticket(clinic, nurse, numb, path):
    assert 'value="Dana Reyes"' in nurse.open(path)
    said = press(nurse, path, name="Dana Reyes")
    assert "You have it, Dana Reyes." in said
    assert "Open the ticket" in said


def test_the_token_is_in_no_log_and_its_page_in_no_cache_or_referrer(browser, path, caplog):
    with caplog.at_level("INFO"):
        answer = browser.client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("patchline"))
    assert '"route": "/desk/ack/{token}"' in ours
    assert path.rpartition("/")[2][:20] not in ours
