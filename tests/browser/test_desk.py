"""The desk in a real browser: Chromium from the distribution, a real gateway, no Rasa."""

import re
import time

import pytest
from playwright.sync_api import expect

from patchline.database.schema import now
from patchline.desk.tables import staff_sessions
from patchline.escalation import desk_api
from tests.desk import fill_sign_in

NUMB = "this morning my legs went numb and I can't pee"
TRIGGERS = ("legs went numb", "I can't pee")
LOUD = 12_000  # ms: what is wrong is said within ten seconds


def sign_in(page, desk):
    page.goto(f"{desk.base_url}/desk")
    fill_sign_in(page, "dana")
    page.wait_for_url(f"{desk.base_url}/desk")
    return page


@pytest.fixture
def nurse(open_page, desk):
    return sign_in(open_page(), desk)


def row(page, reference):
    return page.locator(f"#row-{reference}")


def connected(page):
    """Wait until the page has heard the server."""
    expect(page.locator("#live[data-connected=yes]")).to_have_count(1)


def keyed(page):
    """Wait until the page listens to keys."""
    expect(page.locator("#help")).to_be_visible()


def heard_alarm(page):
    """How many tones the page has played since this was first asked."""
    return page.evaluate("""() => {
      if (!window.tones) { window.tones = { n: 0 }; const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...when) { window.tones.n += 1; return start.apply(this, when); }; }
      return window.tones.n; }""")


def test_a_patients_warning_sign_appears_and_sounds_on_an_open_queue_without_a_reload(desk, nurse):
    nurse.evaluate("window.untouched = true")
    heard_alarm(nurse)
    expect(nurse.get_by_role("button", name="Sound is OFF")).to_be_visible()
    nurse.get_by_role("button", name="Sound is OFF").click()
    expect(nurse.get_by_role("button", name="Sound is on")).to_be_visible()
    before = heard_alarm(nurse)
    reply = desk.patient().post(text="my legs went numb and i can't pee").json()
    reference = reply["escalation"]["reference"]
    expect(row(nurse, reference)).to_be_visible()
    expect(row(nurse, reference)).to_contain_text("Emergency")
    expect(nurse).to_have_title(re.compile(r"^\(\d+\) Queue"))
    nurse.wait_for_function(f"window.tones.n >= {before + 5}")
    assert nurse.evaluate("window.untouched")
    desk_api.resolve(desk.engine, reference, "Tom", now(), "test")
    expect(row(nurse, reference)).to_have_count(0)


def test_a_contact_acknowledges_on_a_phone_through_the_link_and_the_queue_shows_who(desk, nurse, open_page):
    reference = desk.warning(NUMB, TRIGGERS)
    phone = open_page(width=390)
    phone.goto(desk.link(reference))
    button = phone.get_by_role("button", name="I have it")
    assert button.bounding_box()["height"] >= 44
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_label("Who are you?").fill("Maria")
    button.click()
    expect(phone.get_by_text("You have it, Maria (by link).")).to_be_visible()
    expect(row(nurse, reference)).to_contain_text("Maria (by link) has it.")
    phone.get_by_role("link", name="Sign in for the details").click()
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
    fill_sign_in(phone, "dana")
    expect(phone.get_by_role("heading", name=reference)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_walks_the_queue_opens_and_acknowledges_and_leaves_who_types_alone(desk, nurse):
    first, second = desk.warning(NUMB, TRIGGERS, tier="crisis"), desk.warning(NUMB, TRIGGERS, tier="crisis")
    expect(row(nurse, second)).to_be_visible()
    keyed(nurse)
    references = nurse.locator("[data-row]").evaluate_all("rows => rows.map((one) => one.id.slice(4))")
    nurse.keyboard.press("j")
    nurse.keyboard.press("ArrowDown")
    nurse.keyboard.press("k")
    expect(nurse.locator(f"#open-{references[0]}")).to_be_focused()
    field = nurse.get_by_role("searchbox")
    field.press_sequentially("ja?")
    expect(field).to_have_value("ja?")
    expect(nurse.locator("#keys")).to_be_hidden()
    field.blur()
    for _ in range(2):
        nurse.keyboard.press("?")
        nurse.get_by_role("dialog", name="Keys").get_by_role("button", name="Close").click()
        expect(nurse.get_by_role("dialog", name="Keys")).to_be_hidden()
    nurse.keyboard.press("j")
    nurse.keyboard.press("Enter")
    nurse.wait_for_url(f"**/desk/tickets/{references[0]}")  # until then the keys are the queue's
    expect(nurse.get_by_role("heading", name=references[0])).to_be_visible()
    keyed(nurse)
    nurse.keyboard.press("a")
    expect(nurse.get_by_text("You have this ticket now.")).to_be_visible()
    keyed(nurse)
    nurse.keyboard.press("q")
    nurse.wait_for_url("**/desk")
    expect(nurse.get_by_role("heading", name="Tickets")).to_be_visible()
    keyed(nurse)
    nurse.locator(f"#open-{second if references[0] == first else first}").focus()
    nurse.keyboard.press("a")
    expect(nurse.get_by_text("You have this ticket now.")).to_be_visible()


def test_what_a_nurse_types_stays_while_the_ticket_changes_under_her_hands(desk, nurse):
    reference = desk.warning(NUMB, TRIGGERS)
    nurse.goto(f"{desk.base_url}/desk/tickets/{reference}")
    nurse.get_by_text("Note", exact=True).click()
    nurse.locator("#note-text").fill("she lives al")
    desk_api.acknowledge(desk.engine, reference, "Tom", now())
    expect(nurse.locator("#status")).to_contain_text("Somebody has it: Tom")
    expect(nurse.get_by_text("This ticket has changed while you are writing.")).to_be_visible()
    expect(nurse.locator("#note-text")).to_have_value("she lives al")
    nurse.locator("#note-text").press_sequentially("one")
    nurse.get_by_role("button", name="Save the note").click()
    expect(nurse.locator("#story")).to_contain_text("she lives alone")


def test_without_scripts_a_nurse_reads_acknowledges_and_resolves(desk, open_page):
    reference = desk.warning(NUMB, TRIGGERS)
    page = sign_in(open_page(scripts=False), desk)
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "30"
    row(page, reference).get_by_role("button", name="I have it").click()
    expect(page.get_by_text("You have this ticket now.")).to_be_visible()
    page.get_by_text("Resolve", exact=True).click()
    page.get_by_label("Went to the emergency room").check()
    page.get_by_role("button", name="Resolve the ticket").click()
    expect(page.locator("#status")).to_contain_text("Resolved")


def test_many_tabs_of_one_browser_all_hear_and_go_on_when_the_first_is_closed(desk, nurse):
    tabs = [nurse.context.new_page() for _ in range(8)]  # a browser opens six connections to a server, and no more
    for tab in tabs:
        tab.goto(f"{desk.base_url}/desk")
        connected(tab)
    nurse.close()
    reference = desk.wish()
    for tab in tabs:
        expect(row(tab, reference)).to_be_visible(timeout=LOUD)


def test_a_session_that_ends_is_said_loudly_on_the_open_page(desk, nurse):
    connected(nurse)
    with desk.engine.begin() as db:
        db.execute(staff_sessions.delete())
    expect(nurse.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible(timeout=LOUD)
    expect(nurse.get_by_role("alert").get_by_role("link", name="Sign in")).to_be_visible()
    expect(nurse).to_have_title(re.compile("^Signed out"))


def test_a_page_that_comes_back_after_its_session_is_over_says_so(desk, nurse):
    nurse.route("**/desk/events", lambda route: route.abort())
    nurse.reload()
    with desk.engine.begin() as db:
        db.execute(staff_sessions.delete())
    nurse.unroute("**/desk/events")
    expect(nurse.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible(timeout=LOUD)


def test_a_gateway_that_is_gone_is_said_loudly_and_its_return_too_with_what_came_meanwhile(desk, nurse):
    connected(nurse)
    desk.stop()
    gone = time.monotonic()
    expect(nurse.get_by_role("alert").filter(has_text="Not connected")).to_be_visible(timeout=LOUD)
    assert time.monotonic() - gone < LOUD / 1000
    reference = desk.warning(NUMB, TRIGGERS)
    desk.start()
    expect(row(nurse, reference)).to_be_visible(timeout=20_000)
    expect(nurse.locator("#loud")).to_be_hidden()
