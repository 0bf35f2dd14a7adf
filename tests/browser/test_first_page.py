"""The first page in a real browser: Chromium from the distribution, driven by Playwright."""

import os
import re

import pytest
from playwright.sync_api import expect

from patchline.database.engines import make_engine
from patchline.database.schema import now
from patchline.escalation import desk_api as desk
from tests.system import GATEWAY


@pytest.fixture
def page(browser, system):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: page.problems.append(request.url) if system.base_url not in request.url else None
    )
    page.goto(system.base_url)
    yield page
    context.close()
    assert page.problems == []


def ask(page, text):
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def test_a_patient_on_a_phone_asks_a_question_and_sees_the_answer_and_its_source(page):
    ask(page, "how long do i lie flat after")
    expect(page.get_by_role("log")).to_contain_text("30–60 minutes")
    expect(page.get_by_role("log")).to_contain_text("How It Is Performed")


def test_the_clinic_line_is_a_link_that_dials_and_is_marked_as_a_demo_number(page):
    expect(page.locator("a[href='tel:+12025550142']").first).to_be_visible()
    expect(page.get_by_text("demo number").first).to_be_visible()


def test_a_button_of_an_answer_asks_its_question(page):
    ask(page, "how long do i lie flat after")
    page.get_by_role("log").get_by_role("button", name="Rest and activity after it").last.click()
    expect(page.get_by_role("log")).to_contain_text("avoid strenuous activity")


def test_a_reload_keeps_the_conversation(page):
    ask(page, "can i eat before it")
    expect(page.get_by_role("log")).to_contain_text("eat and drink as normal")
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("eat and drink as normal")


def test_what_a_patient_types_is_shown_as_text(page):
    ask(page, "<img src=x onerror=alert(1)> can i eat")
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("[role=log] img").count() == 0


def test_no_side_scrolling_on_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_patient_on_a_phone_sees_what_the_clinic_does_and_writes_with_a_nurse(page, system):
    """And with the environment variable PATCHLINE_PICTURE, a picture of it for people to look at."""
    log, state = page.get_by_role("log"), page.locator("#chat-state")
    engine = make_engine(f"sqlite:///{system.database}")
    expect(log).to_contain_text("I'm Patchline")
    ask(page, "my left leg is numb since the patch")
    expect(state).to_have_text(re.compile(r"Sent to the clinic at \d+:\d\d [AP]M\."))
    conversation = page.evaluate("JSON.parse(sessionStorage.patchline).id")
    (case,) = desk.cases_of(engine, conversation)
    desk.acknowledge(engine, case.reference, "Maria Lopez", now())
    expect(state).to_have_text(re.compile(r"Seen by a nurse at \d+:\d\d [AP]M\."))
    expect(log.get_by_role("link", name="Call (202) 555-0142")).not_to_have_count(0)

    desk.message_to_patient(engine, case.reference, "Maria Lopez", now(), "<b>Can you lift it</b> when you lie down?")
    expect(state).to_have_text("A nurse is in the chat.")
    expect(log).to_contain_text("Nurse at Parkview Spine & Pain: <b>Can you lift it</b> when you lie down?")
    ask(page, "yes, a little")
    expect(log.get_by_text("Sent.", exact=True)).to_be_in_viewport()
    page.wait_for_timeout(300)
    if picture := os.environ.get("PATCHLINE_PICTURE"):
        page.screenshot(path=picture)
    said = log.locator(".say").all_inner_texts()
    page.reload()
    expect(state).to_have_text("A nurse is in the chat.")
    assert log.locator(".say").all_inner_texts() == said

    desk.hand_back(engine, case.reference, "Maria Lopez", now())
    expect(log).to_contain_text("The nurse has left the chat. Patchline answers again.")
    assert log.locator(".say").count() == len(said) + 1
    ask(page, "how long do i lie flat after")
    expect(log).to_contain_text("30–60 minutes")
    engine.dispose()


def test_a_page_comes_back_to_the_stream_by_itself_and_shows_once_what_it_missed(page, system):
    log, engine = page.get_by_role("log"), make_engine(f"sqlite:///{system.database}")
    ask(page, "my left leg is numb since the patch")
    expect(log).to_contain_text("Sent to the clinic at")
    (case,) = desk.cases_of(engine, page.evaluate("JSON.parse(sessionStorage.patchline).id"))
    page.context.set_offline(True)
    system.end(GATEWAY)
    desk.acknowledge(engine, case.reference, "Maria Lopez", now())
    system.wait_until_back()
    page.context.set_offline(False)
    expect(log).to_contain_text("Seen by a nurse at", timeout=20_000)
    assert log.get_by_text("Sent to the clinic at").count() == 1
    engine.dispose()
    page.problems.clear()  # the browser reports the lost connection
