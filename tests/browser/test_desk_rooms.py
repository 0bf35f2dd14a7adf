"""The desk's rooms for editors, clinicians and admins: for everybody, on a phone, and without scripts.

`PATCHLINE_PICTURES=docs/pictures python -m pytest tests/browser/test_desk_rooms.py` takes pictures for docs.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from patchline.review import inbox
from tests import rooms
from tests.browser import axe
from tests.desk import fill_sign_in
from tests.unit.review.conftest import sight  # noqa: F401 (the eyes of the real model)

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OUTLINED = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.closest(".skip"))
  .filter((one) => {
    one.focus();
    const ring = (place) => getComputedStyle(place).outlineStyle !== "none";
    return document.activeElement === one && !ring(one) && !ring(one.closest("li") ?? one);
  }).map((one) => one.outerHTML.slice(0, 120))"""
ROOMS = {
    "eddy": (
        "/desk/review", "/desk/review/decided", "/desk/review/{group}", "/desk/topics", "/desk/topics?q=zzzz",
        "/desk/topics/faq.lie_flat", "/desk/topics/red_flag.clinic", "/desk/new-topic", "/desk/wordings?q=warning",
        "/desk/wordings/red_flag.emergency", "/desk/document", "/desk/history", "/desk/history/{change}",
        "/desk/upgrade", "/desk/insights", "/desk/models", "/desk/models/1", "/desk/models/2", "/desk/models/3",
    ),
    "cleo": ("/desk/signing",),
    "avi": ("/desk/clinic", "/desk/models/1", "/desk/staff", "/desk/audit", "/desk/account"),
}  # fmt: skip
PICTURES = {
    "/desk/review": "desk-review",
    "/desk/review/{group}": "desk-review-line",
    "/desk/insights": "desk-insights",
    "/desk/topics/faq.lie_flat": "desk-topic",
}
REFUSED = {"dana": ("/desk/review", "/desk/topics", "/desk/models"), "eddy": ("/desk/clinic", "/desk/nothing")}


@pytest.fixture(scope="module")
def desk(tmp_path_factory, sight):  # noqa: F811
    running = rooms.furnished(tmp_path_factory.mktemp("rooms"), sight)
    running.start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def signed_in(browser, desk):
    """`signed_in("eddy")`: a page of somebody's own; nobody signs in twice, and nothing may be said on a console."""
    states, contexts, said = {}, [], []

    def signed_in(login, scripts=True, window=PHONE):
        known = {"storage_state": states[login]} if login in states else {}
        still = {"reduced_motion": "reduce"}  # colours that change slowly would be looked at on their way
        contexts.append(browser.new_context(viewport=window, java_script_enabled=scripts, **still, **known))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: said.append((page.url, str(error))))
        page.on("console", lambda message: said.append((page.url, message.text)))
        if login not in states:
            page.goto(f"{desk.base_url}/desk/account")
            fill_sign_in(page, login)
            expect(page.get_by_role("heading", name="Change the password")).to_be_visible()
            states[login] = contexts[-1].storage_state()
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert [line for line in said if "with a status of 4" not in line[1]] == []


def everywhere(desk, pages):
    """(page, address) of each room of each person."""
    known = {"group": inbox.waiting(desk.engine)[4].number, "change": rooms.changes(desk)[1].id[:12]}
    for login, addresses in ROOMS.items():
        page = pages(login)
        for address in addresses:
            page.goto(desk.base_url + address.format(**known))
            yield page, address


def test_every_room_is_for_everybody_in_light_and_dark_on_a_phone_and_at_a_desk(desk, signed_in):
    wrong = {}
    for page, address in everywhere(desk, signed_in):
        found = axe.violations(axe.run(page))
        found += [f"{page.locator('h1').count()} headings"] if page.locator("h1").count() != 1 else []
        found += ["nobody knows where this is"] if page.locator(".bar [aria-current=page]").count() != 1 else []
        page.keyboard.press("Tab")
        found += [("no focus is seen", one) for one in page.evaluate(OUTLINED)]
        page.set_viewport_size({"width": 320, "height": 640})
        found += ["it scrolls sideways at 320 px"] if page.evaluate(WIDE) > 0 else []
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(DESK)
        found += axe.violations(axe.run(page, COLOURS))
        page.emulate_media(color_scheme="light")
        if os.environ.get("PATCHLINE_PICTURES") and address in PICTURES:
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            page.screenshot(path=Path(os.environ["PATCHLINE_PICTURES"], f"{PICTURES[address]}.png"))
        page.set_viewport_size(PHONE)
        if found:
            wrong[address] = found
    assert wrong == {}


def test_a_room_that_is_not_for_somebody_and_a_page_that_is_not_there_say_so(desk, signed_in):
    for login, addresses in REFUSED.items():
        page = signed_in(login)
        for address in addresses:
            page.goto(desk.base_url + address)
            expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
            expect(page.get_by_role("link", name="To the queue")).to_be_visible()
            assert axe.violations(axe.run(page)) == []
    page.goto(f"{desk.base_url}/desk/topics/faq.nothing")
    page.get_by_role("main").get_by_role("link", name="All topics").click()
    expect(page.get_by_role("heading", name="Topics", exact=True)).to_be_visible()


def test_a_training_is_told_while_it_runs_and_why_it_failed_with_a_way_to_try_again(desk, signed_in):
    page, settings = signed_in("eddy"), rooms.settings_of(desk)
    rooms.job(settings, running=True)
    page.goto(f"{desk.base_url}/desk/models")
    expect(page.get_by_text("Learning 18,166 examples")).to_be_visible()
    expect(page.get_by_role("button", name="Train and see")).to_have_count(0)
    assert axe.violations(axe.run(page)) == []
    rooms.job(settings, error="the disk is full")
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text("Training did not work. The disk is full")
    expect(page.get_by_role("button", name="Train and see")).to_be_visible()
    assert axe.violations(axe.run(page)) == []


def test_the_inbox_is_worked_through_by_keyboard_alone_and_the_keys_can_be_switched_off(desk, signed_in):
    page = signed_in("eddy", window=DESK)
    page.goto(f"{desk.base_url}/desk/review")
    expect(page.locator("#help")).to_be_visible()
    rows = page.locator("[data-row]")
    for key in "jjk":
        page.keyboard.press(key)
    expect(rows.nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("x")
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("x")
    said = rows.nth(0).get_by_role("link").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(said)
    expect(page.locator("#help")).to_be_visible()
    find = page.get_by_role("searchbox", name="Find a topic")
    expect(find).to_be_visible()  # its script has run
    page.keyboard.press("/")
    expect(find).to_be_focused()
    page.keyboard.type("lying flat")
    page.keyboard.press("Enter")
    told = page.get_by_role("status").filter(has_text="Taught as “Lying flat after it”")
    expect(told).to_be_focused()
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Undone. The messages wait again.")).to_be_focused()
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("button", name="Keys are on").press("Enter")
    expect(page.get_by_role("button", name="Keys are off")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(rows.nth(0).get_by_role("link")).not_to_be_focused()


def test_without_scripts_an_answer_is_checked_saved_undone_and_asked_about_when_two_change_it(desk, signed_in):
    page, other = signed_in("eddy", scripts=False), signed_in("cleo", scripts=False)
    answer, save = page.get_by_label("Answer", exact=True), page.get_by_role("button", name="Save", exact=True)
    page.goto(f"{desk.base_url}/desk/topics/faq.back_soreness")
    before = answer.input_value()
    answer.fill(before + "\nIt is gone after 99 days.")
    page.get_by_role("button", name="Check and preview").click()
    expect(page.locator("#problems")).to_contain_text("“99” does not stand in the cited lines")
    answer.fill(before + "\nTell the clinic when it gets worse.")
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("link", name="A sore back after it: the answer changed").click()
    expect(page.locator(".diff .new")).to_contain_text("Tell the clinic when it gets worse.")
    expect(page.locator(".diff")).not_to_contain_text("utter_")
    page.get_by_role("button", name="Undo this change").click()
    expect(page.get_by_role("status").filter(has_text="Undone")).to_be_visible()

    page.goto(f"{desk.base_url}/desk/new-topic")
    page.get_by_label("It does not").check()
    page.get_by_label("Title").fill("Parking at the clinic")
    answer.fill("The clinic's page does not say where to park.\n\nAsk the staff: {line}")
    page.get_by_label("Sentences, one a line").fill("where do i park the car\nis there a car park nearby")
    page.get_by_role("button", name="Save the topic").click()
    expect(page.get_by_role("heading", name="Parking at the clinic")).to_be_visible()

    page.goto(page.url.partition("?")[0])
    other.goto(page.url)
    other.get_by_label("Answer", exact=True).fill("Cleo wrote this. Ask {line}")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    answer.fill("Eddy wrote that. Ask {line}")
    save.click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(
        "somebody changed this topic while you were writing"
    )
    expect(page.get_by_role("heading", name="The answer, as Cleo Orr saved it")).to_be_visible()
    expect(page.locator(".theirs")).to_have_text("Cleo wrote this. Ask {line}")
    expect(answer).to_have_value("Eddy wrote that. Ask {line}")
    assert page.evaluate(WIDE) <= 0
    save.click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


def test_without_scripts_messages_are_taught_texts_signed_and_the_clinics_hours_changed(desk, signed_in):
    page = signed_in("eddy", scripts=False)
    page.goto(f"{desk.base_url}/desk/review")
    for dead in ("#help", "#sound"):  # nothing listens to them
        expect(page.locator(dead)).to_be_hidden()
    page.get_by_role("link", name="what about swimming").click()
    page.get_by_label("Rest and activity after it").check()
    page.get_by_role("button", name="Teach as this topic").click()
    told = page.get_by_role("status").filter(has_text="Taught as “Rest and activity after it”")
    told.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    page.get_by_role("link", name="what about swimming").wait_for()

    page.goto(f"{desk.base_url}/desk/upgrade")
    page.get_by_label("Keep yours").check()
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_role("status").first).to_contain_text("merged")
    expect(page.get_by_text("say which are right")).to_have_count(0)

    page = signed_in("cleo", scripts=False)
    page.goto(f"{desk.base_url}/desk/signing")
    page.get_by_role("checkbox", name="The wording “Greeting”").check()
    page.get_by_role("button", name="Sign as Cleo Orr").click()
    expect(page.get_by_role("status").filter(has_text="Signed.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="The wording “Greeting”")).to_contain_text("Cleo Orr")

    page = signed_in("avi", scripts=False)
    page.goto(f"{desk.base_url}/desk/clinic")
    facts = page.get_by_label("All facts, as text")
    text = facts.input_value()
    facts.fill(text.replace("monday: 08:00-17:00", "monday: 8"))
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_contain_text(re.compile(r"line \d+: write hours as"))
    facts.fill(text.replace("monday: 08:00-17:00", "monday: 09:00-17:00"))
    page.get_by_role("button", name="See what would change").click()
    expect(page.locator(".diff .new")).to_contain_text("09:00-17:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(facts).to_have_value(re.compile("monday: 09:00-17:00"))
