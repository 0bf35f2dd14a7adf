"""The frame of every page: headers, banner, errors."""

import pytest

from patchline.database.schema import now
from patchline.escalation.health import seen
from patchline.escalation.tickets import open_ticket
from tests.unit.desk.conftest import PAGE, SQLITE, Browser

pytestmark = SQLITE


def test_pages_have_a_strict_policy_and_stay_in_no_cache(nina):
    for path in ("/desk/account", "/desk/sign-in?again=yes", "/desk/nothing", "/desk/staff"):
        headers = nina.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def test_the_chat_keeps_its_own_policy(browser):
    policy = browser.get("/").headers["content-security-policy"]
    assert "form-action 'none'" in policy
    assert browser.get("/").headers["referrer-policy"] == "no-referrer"


def test_no_page_has_a_script_or_a_style_in_it(nina, ada):
    pages = [ada.get(path).text for path in ("/desk", "/desk/account", "/desk/staff", "/desk/audit")]
    for page in [*pages, nina.get("/desk/nothing").text]:
        assert " style=" not in page
        assert "<style" not in page
        assert " on" not in {part[:3] for part in page.split('"')}
        assert page.count("<script") == page.count('<script type="module" src="/desk/static/')


def test_the_desks_own_files_may_be_kept_and_checked(browser):
    answer = browser.get("/desk/static/desk.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert browser.get("/desk/static/../templates/base.html").status_code == 404


def test_the_address_with_a_slash_leads_to_the_queue(nina):
    answer = nina.get("/desk/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")


def test_every_page_says_in_red_that_no_worker_runs_and_is_quiet_when_one_does(app, engine, nina):
    for path in ("/desk/account", "/desk/nothing"):
        assert "No delivery worker is running: nobody is told about tickets." in nina.get(path).text
    seen(engine, "one", now(), now())
    fresh(app)
    assert "No delivery worker" not in nina.get("/desk/account").text


def test_every_page_says_in_red_that_a_ticket_was_called_for_in_vain(app, engine, nina, numb_leg):
    seen(engine, "one", now(), now())
    open_ticket(engine, numb_leg)
    fresh(app)
    assert "Patients may be waiting unheard" not in nina.get("/desk/account").text
    with engine.begin() as db:
        db.exec_driver_sql("UPDATE tickets SET exhausted_at = opened_at")
    fresh(app)
    for path in ("/desk/account", "/desk/nothing"):
        assert "1 ticket was sent to every contact and nobody has acknowledged." in nina.get(path).text


def fresh(app):
    """Forget what is kept for two seconds."""
    desk = next(route.app.app for route in app.routes if getattr(route, "path", "") == "/desk")
    desk.state.alarm._asked_at = float("-inf")


def test_who_is_not_signed_in_learns_nothing_from_the_banner(browser):
    assert "No delivery worker" not in browser.get("/desk/sign-in").text
    assert "No delivery worker" not in browser.get("/desk/nothing").text


def test_an_address_that_does_not_exist_says_what_to_do(nina, browser):
    page = nina.get("/desk/tickts/PL-7K3F9")
    assert page.status_code == 404
    assert "References look like PL-7K3F9" in page.text
    assert 'href="/desk">To the queue' in page.text
    assert 'href="/desk/sign-in">Sign in' in browser.get("/desk/nothing").text


def test_a_method_that_does_not_fit_is_a_page_too(nina):
    answer = nina.get("/desk/sign-out")
    assert answer.status_code == 405
    assert "use the buttons of the page" in answer.text


def test_a_body_that_is_too_large_is_refused_unread(nina):
    answer = nina.post("/desk/account/password", data={"csrf": nina.token(), "password": "x" * 70_000})
    assert answer.status_code == 413
    assert "That is too long" in answer.text


def test_a_body_that_is_no_form_is_refused(nina):
    for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        answer = nina.post("/desk/sign-out", content=b'{"csrf": 1}', headers={"Content-Type": kind})
        assert answer.status_code in (400, 403), kind


def test_a_cookie_with_anything_in_it_signs_nobody_in(app):
    for value in ("", "x" * 5000, "é", "a;b", '"'):
        browser = Browser(app)
        cookie = {"Cookie": f"patchline_desk={value}".encode()}
        answer = browser.get("/desk/account", headers=cookie)
        assert answer.status_code == 303, value
        refused = browser.post("/desk/sign-out", headers=cookie)
        assert refused.status_code == 403


class TestWithoutADatabase:
    @pytest.fixture
    def away(self, nina, settings, engine):
        """The file is locked away from under the running desk."""
        from pathlib import Path

        path = Path(engine.url.database)
        engine.dispose()
        for file in path.parent.glob("patchline.db*"):
            file.rename(f"{file}.away")
        path.mkdir()  # SQLite would make a new file
        return nina

    def test_the_page_says_so_gives_the_line_and_tries_again(self, away):
        answer = away.get("/desk/account")
        assert answer.status_code == 503
        assert "The database does not answer" in answer.text
        assert "(202) 555-0142" in answer.text
        assert 'http-equiv="refresh" content="5"' in answer.text
        assert answer.headers["retry-after"] == "5"

    def test_a_form_is_not_sent_again_by_itself(self, away):
        answer = away.post("/desk/sign-out", data={"csrf": "x"})
        assert answer.status_code == 503
        assert "http-equiv" not in answer.text

    def test_a_script_gets_a_problem_document(self, away):
        answer = away.get("/desk/account", headers={"Accept": "*/*"})
        assert answer.status_code == 503
        assert answer.json()["line"] == "(202) 555-0142"

    def test_the_sign_in_says_so_too(self, away, app):
        answer = Browser(app).get("/desk/sign-in")
        assert answer.status_code == 503
        assert "expect their calls" in answer.text


def test_an_error_of_ours_is_a_page_in_the_frame_and_its_words_stay_inside(app, nina, monkeypatch, capfd):
    from patchline.desk import sessions

    def broken(*args):
        raise RuntimeError("the patient said help")

    monkeypatch.setattr(sessions, "count", broken)
    answer = nina.get("/desk/account", headers=PAGE)
    assert answer.status_code == 500
    assert "The log says where" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    out = capfd.readouterr()
    assert "the patient said help" not in answer.text + out.err + out.out
