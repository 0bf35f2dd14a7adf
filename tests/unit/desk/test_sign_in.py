"""Signing in and out, as a browser does it."""

import re
from datetime import timedelta

import pytest

from patchline.database.schema import now
from patchline.desk import accounts, sessions
from patchline.desk.tables import staff_sessions
from tests.unit.desk.conftest import PAGE, PASSWORD, SQLITE, Browser

pytestmark = SQLITE


def cookies(response):
    return [value for name, value in response.headers.multi_items() if name == "set-cookie"]


def shift(engine, **by):
    """Make all sessions older, e.g. by(created_at=timedelta(hours=12))."""
    with engine.begin() as db:
        db.execute(staff_sessions.update().values({name: now() - span for name, span in by.items()}))


def test_a_nurse_signs_in_and_comes_to_the_page_that_she_wanted(browser):
    first = browser.get("/desk/account?x=1")
    assert first.status_code == 303
    assert first.headers["location"] == "/desk/sign-in?next=/desk/account%3Fx%3D1"
    page = browser.get(first.headers["location"])
    assert "Sign in" in page.text
    answer = browser.post(
        "/desk/sign-in?next=/desk/account%3Fx%3D1",
        data={"csrf": browser.token("/desk/sign-in"), "login": " Nina", "password": PASSWORD},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/account?x=1")
    assert "Nina Ray" in browser.get("/desk/account").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/desk/..//evil",
        "/deskx",
        "/desk\\@evil",
        "/desk\nx",
    ],
)
def test_a_link_to_the_sign_in_leads_nowhere_else(browser, elsewhere):
    answer = browser.post(
        "/desk/sign-in",
        params={"next": elsewhere},
        data={"csrf": browser.token("/desk/sign-in"), "login": "nina", "password": PASSWORD},
    )
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/desk", "/desk/..//evil")  # both on this host


def test_the_cookie_is_for_the_desk_alone_and_no_script_reads_it(start, people):
    cookie, device = cookies(Browser(start()).sign_in())
    for part in ("patchline_desk=", "HttpOnly", "SameSite=lax", "Path=/desk", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie
    assert "Path=/desk/sign-in" in device
    assert "HttpOnly" in device
    secure = Browser(start(public_url="https://chat.example.org"), base_url="https://testserver").sign_in()
    assert all("Secure" in cookie for cookie in cookies(secure))


def test_a_wrong_password_and_an_unknown_login_get_the_same_page(browser):
    wrong, unknown = browser.sign_in("nina", "wrong"), browser.sign_in("nora", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    token = browser.token("/desk/sign-in")
    assert wrong.text.replace('value="nina"', "") == unknown.text.replace('value="nora"', "")
    assert token in wrong.text
    assert "is not right" in wrong.text
    assert cookies(wrong) == []


def test_what_was_typed_as_a_login_is_shown_as_text(browser):
    assert 'value="&#34;&gt;&lt;script&gt;"' in browser.sign_in('"><script>', "wrong").text


def test_too_many_wrong_attempts_have_to_wait_also_with_the_right_password(app, deeds, start):
    browser = Browser(app)
    for _ in range(5):
        assert browser.sign_in("nina", "wrong").status_code == 401
    refused = browser.sign_in("nina", PASSWORD)
    assert refused.status_code == 429
    assert 800 < int(refused.headers["retry-after"]) <= 900
    assert "15 minutes" in refused.text
    again = Browser(start())  # after a restart, the same
    assert again.sign_in("nina", PASSWORD).status_code == 429
    assert [deed[1] for deed in deeds()] == ["sign_in_failed"] * 5 + ["sign_in_throttled"]
    assert Browser(app, address="198.51.100.7").sign_in("nina").status_code == 303


def test_an_unknown_login_has_to_wait_like_a_known_one(browser):
    answers = [browser.sign_in("nora", "wrong").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_failures_are_on_record_without_what_was_typed(browser, engine, deeds):
    browser.sign_in("nina", "wrong")
    browser.sign_in("correct horse battery", "wrong")
    assert deeds() == [("nina", "sign_in_failed", None, None), (None, "sign_in_failed", None, None)]
    browser.sign_in("nina")
    assert deeds()[-1] == ("nina", "signed_in", None, None)


def test_the_address_in_the_audit_is_the_one_that_a_trusted_proxy_names(start, people, engine):
    from patchline.desk import audit

    browser = Browser(start(trusted_proxies=("203.0.113.5",)))
    browser.headers["X-Forwarded-For"] = "8.8.8.8, 198.51.100.9"
    browser.sign_in()
    assert audit.read(engine)[0].address == "198.51.100.9"


def test_an_hour_without_presence_and_twelve_hours_with_it_end_the_session(nina, engine):
    shift(engine, seen_at=timedelta(minutes=59))
    assert nina.get("/desk/account").status_code == 200
    shift(engine, seen_at=timedelta(minutes=61))
    assert nina.get("/desk/account").headers["location"].startswith("/desk/sign-in")
    nina.sign_in()
    shift(engine, created_at=timedelta(hours=12))
    assert nina.get("/desk/account").headers["location"].startswith("/desk/sign-in")


def test_the_last_half_hour_of_a_session_is_announced_and_signing_in_again_begins_a_new_one(nina, engine):
    assert "You will be signed out" not in nina.get("/desk/account").text
    shift(engine, created_at=timedelta(hours=11, minutes=40))
    page = nina.get("/desk/account").text
    assert "You will be signed out at" in page
    assert "/desk/sign-in?again=yes&amp;next=/desk/account" in page
    old = nina.cookies["patchline_desk"]
    token = nina.token("/desk/sign-in?again=yes")
    nina.post("/desk/sign-in?next=/desk/account", data={"csrf": token, "login": "nina", "password": PASSWORD})
    assert "You will be signed out" not in nina.get("/desk/account").text
    assert sessions.find(engine, old, now()) is None


def test_signing_out_ends_the_session_in_the_database_too(nina, engine, deeds):
    token = nina.cookies["patchline_desk"]
    answer = nina.submit("/desk/sign-out")
    assert answer.headers["location"] == "/desk/sign-in?done=signed_out"
    assert sessions.find(engine, token, now()) is None
    assert "patchline_desk" not in nina.cookies
    assert "You are signed out." in nina.get(answer.headers["location"]).text
    assert deeds()[-1][1] == "signed_out"


def test_without_any_account_the_page_says_which_command_makes_the_first(start):
    page = Browser(start()).get("/desk/sign-in").text
    assert ".venv/bin/patchline staff add --admin" in page


def test_with_an_account_it_does_not(browser):
    assert "staff add" not in browser.get("/desk/sign-in").text


def test_a_browser_without_cookies_is_told_so(start, people):
    browser = Browser(start(public_url="https://chat.example.org"))
    token = browser.token("/desk/sign-in")
    browser.cookies.clear()
    refused = browser.post("/desk/sign-in", data={"csrf": token, "login": "nina", "password": PASSWORD})
    assert refused.status_code == 403
    assert "Allow cookies for this address and use its https address" in refused.text


def test_a_form_of_another_site_is_refused_and_so_is_one_of_a_page_that_may_embed_the_chat(start, people):
    browser = Browser(start(allowed_origins=("https://clinic.example",)))
    token = browser.token("/desk/sign-in")
    for origin in ("https://evil.example", "https://clinic.example"):
        refused = browser.post(
            "/desk/sign-in",
            data={"csrf": token, "login": "nina", "password": PASSWORD},
            headers={"Origin": origin},
        )
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    for origin in ("http://testserver", "null"):
        answer = browser.post(
            "/desk/sign-in", data={"csrf": token, "login": "nina", "password": "x"}, headers={"Origin": origin}
        )
        assert answer.status_code == 401


def test_a_token_of_before_the_sign_in_is_worth_nothing_after_it(browser):
    before = browser.token("/desk/sign-in")
    browser.sign_in()
    assert browser.post("/desk/account/sign-out-everywhere", data={"csrf": before}).status_code == 403


def test_scripts_send_the_token_in_a_header(nina):
    token = nina.token()
    assert nina.post("/desk/sign-out", headers={"X-CSRF-Token": token}).status_code == 303


def test_what_was_written_when_the_session_had_ended_is_not_lost(nina, engine):
    token = nina.token()
    shift(engine, seen_at=timedelta(hours=2))
    text = "Called at noon; the husband says <she> sleeps."
    refused = nina.post("/desk/account/password", data={"csrf": token, "text": text, "password": "a long secret word"})
    assert refused.status_code == 401
    assert "You are signed out. New tickets do not show here." in refused.text
    assert "the husband says &lt;she&gt; sleeps." in refused.text
    assert "a long secret word" not in refused.text


def test_a_script_is_told_of_the_end_with_a_401(browser):
    answer = browser.get("/desk/account", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_stream_that_is_open_counts_as_presence_until_the_account_is_switched_off(nina, engine, app):
    from starlette.requests import Request

    from patchline.desk.access import still_signed_in

    desk = next(route.app.app for route in app.routes if getattr(route, "path", "") == "/desk")
    cookie = f"patchline_desk={nina.cookies['patchline_desk']}".encode()
    request = Request({"type": "http", "app": desk, "headers": [(b"cookie", cookie)]})

    def asked():
        import anyio

        return anyio.run(still_signed_in, request)

    shift(engine, seen_at=timedelta(minutes=59))
    assert asked()
    with engine.connect() as db:
        assert now() - db.execute(staff_sessions.select()).one().seen_at < timedelta(minutes=1)
    accounts.add(engine, "bea", "Bea", "admin", PASSWORD, now())
    accounts.disable(engine, "nina", now())
    assert not asked()


class TestOneTimePasswords:
    """Made by an admin, changed by the person."""

    @pytest.fixture
    def once(self, browser, engine):
        accounts.set_password(engine, "nina", "four birds on a wire", now(), one_time=True)
        browser.sign_in("nina", "four birds on a wire")
        return browser

    def change(self, browser, old, new, again=None):
        return browser.submit(
            "/desk/account/password", password=old, new_password=new, new_password_again=new if again is None else again
        )

    def test_nothing_else_opens_before_it_is_changed(self, once):
        assert once.get("/desk").headers["location"] == "/desk/account?first=password"
        assert once.get("/desk/events", headers={"Accept": "text/event-stream"}).status_code == 403
        page = once.get("/desk/account").text
        assert "Choose your own now" in page
        assert "live.js" not in page  # it would say that it cannot connect
        assert self.change(once, "four birds on a wire", "six birds on a roof").status_code == 303
        assert "Your password is changed." in once.get("/desk/account?done=password").text
        assert once.get("/desk").headers.get("location") is None

    @pytest.mark.parametrize(
        ("old", "new", "again", "says"),
        [
            ("four birds on a wire", "six birds on a roof", "six birds on a root", "not the same both times"),
            ("four birds on a wire", "four birds on a wire", None, "from before"),
            ("wrong", "six birds on a roof", None, "from before is not right"),
            ("four birds on a wire", "short", None, "at least 12 characters"),
            ("four birds on a wire", "Nina Ray Nina Ray", None, "your login or your name"),
        ],
    )
    def test_a_change_that_cannot_be_says_why_and_changes_nothing(self, once, engine, old, new, again, says):
        answer = self.change(once, old, new, again)
        assert answer.status_code == 422
        assert says in answer.text
        assert accounts.verify(engine, "nina", "four birds on a wire", now())

    def test_who_guesses_at_an_open_desk_is_slowed_too(self, once):
        answers = [self.change(once, f"guess {number}", "six birds on a roof").status_code for number in range(6)]
        assert answers == [422] * 5 + [429]


def test_changing_the_password_signs_out_everywhere_else(app, nina, deeds):
    other = Browser(app)
    other.sign_in("nina")
    new = "six birds on a roof"
    nina.submit("/desk/account/password", password=PASSWORD, new_password=new, new_password_again=new)
    assert nina.get("/desk/account").status_code == 200
    assert other.get("/desk/account").status_code == 303
    assert ("nina", "password_changed", None, None) in deeds()


def test_signing_out_everywhere_means_here_too(app, nina, deeds):
    other = Browser(app)
    other.sign_in("nina")
    assert "Signed in at 2 browsers" in nina.get("/desk/account").text
    nina.submit("/desk/account/sign-out-everywhere")
    assert nina.get("/desk/account", headers=PAGE).status_code == 303
    assert other.get("/desk/account").status_code == 303
    assert deeds()[-1][:2] == ("nina", "signed_out_everywhere")


def test_a_restart_signs_nobody_out(nina, start):
    again = Browser(start())
    again.cookies.set("patchline_desk", nina.cookies["patchline_desk"], path="/desk")
    assert again.get("/desk/account").status_code == 200


def test_strangers_do_not_lock_out_a_browser_in_which_the_nurse_has_signed_in_before(app, start):
    hers = Browser(app, address="192.0.2.1")
    assert hers.sign_in("nina").status_code == 303
    hers.submit("/desk/sign-out")
    for number in range(50):  # from everywhere, also from her own address
        Browser(app, address=f"198.51.100.{number}" if number % 2 else "192.0.2.1").sign_in("nina", "wrong")
    assert Browser(app, address="192.0.2.99").sign_in("nina").status_code == 429
    assert hers.sign_in("nina").status_code == 303
    assert [Browser(app, address="192.0.2.1").sign_in("nina").status_code] == [429]  # the cookie is not hers


def test_a_forged_or_foreign_device_opens_no_budget(app):
    hers = Browser(app, address="192.0.2.1")
    hers.sign_in("eddy")
    hers.submit("/desk/sign-out")
    answers = [hers.sign_in("nina", "wrong").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_a_device_has_a_bound_too(app):
    hers = Browser(app, address="192.0.2.1")
    hers.sign_in("nina")
    hers.submit("/desk/sign-out")
    assert [hers.sign_in("nina", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]


def test_with_a_new_password_of_an_admin_she_need_not_wait(app, ada):
    hers = Browser(app, address="192.0.2.1")
    for _ in range(6):
        hers.sign_in("nina", "wrong")
    made = ada.submit("/desk/staff/nina/password", "/desk/staff")
    password = re.search(r'class="once[^>]*>([^<]+)<', made.text)[1]
    assert hers.sign_in("nina", password).status_code == 303
