"""The first page in a real browser, with the whole system behind it."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe


@pytest.fixture
def chat(visit, system):
    chat = visit(system.base_url, "phone")
    chat.addresses = []
    chat.page.on("request", lambda request: chat.addresses.append(request.url))
    chat.open()
    yield chat
    assert [url for url in chat.addresses if not url.startswith(system.base_url)] == []


def test_a_patient_on_a_phone_asks_a_question_and_sees_the_answer_and_its_source(chat):
    chat.ask("how long do i lie flat after")
    expect(chat.log).to_contain_text("30–60 minutes")
    chat.log.get_by_text("From: How It Is Performed").click()
    expect(chat.log.locator("blockquote")).to_contain_text("remain lying flat")


def test_the_clinic_line_is_a_link_that_dials_on_the_page_and_in_the_chat_and_is_marked_as_a_demo_number(chat):
    expect(chat.panel.locator("a[href='tel:+12025550142']").first).to_be_visible()
    expect(chat.panel.get_by_text("demo number")).to_be_visible()
    chat.panel.get_by_role("button", name="Close the chat").click()
    expect(chat.page.locator("header a[href='tel:+12025550142']")).to_be_visible()
    expect(chat.page.locator("patchline-chat .corner a[href='tel:+12025550142']")).to_be_visible()
    expect(chat.page.get_by_text("demo number").first).to_be_visible()


def test_a_button_of_an_answer_asks_its_question(chat):
    chat.ask("how long do i lie flat after")
    chat.log.get_by_role("button", name="Rest and activity after it").last.click()
    expect(chat.log).to_contain_text("avoid strenuous activity")


def test_a_warning_sign_gets_the_number_first_and_a_reload_keeps_it_in_sight(chat):
    chat.ask("my legs went numb and i cant pee")
    expect(chat.strip.get_by_role("link", name="Call 911")).to_be_visible()
    chat.reload()
    expect(chat.log.locator(".flag")).to_contain_text("Call 911 now.")
    expect(chat.strip.get_by_role("link", name="Call 911")).to_be_visible()


def test_what_a_patient_types_is_shown_as_text(chat):
    chat.ask("<img src=x onerror=alert(1)> can i eat")
    expect(chat.log).to_contain_text("<img src=x onerror=alert(1)>")
    assert chat.log.locator("img").count() == 0


def test_no_side_scrolling_on_a_phone(chat):
    assert chat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_javascript_the_page_and_the_number_are_there(browser, system):
    page = browser.new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(system.base_url)
    expect(page.get_by_role("heading", name="Epidural Blood Patch")).to_be_visible()
    expect(page.locator("patchline-chat").get_by_role("link", name="Call (202) 555-0142")).to_be_visible()
    page.close()


def test_a_reload_in_the_middle_of_a_form_shows_its_question_and_the_form_goes_on(chat, system):
    chat.ask("can somebody call me back")
    chat.log.get_by_role("button", name="Ask the clinic to call me").click()
    expect(chat.log).to_contain_text("What name should")
    chat.ask("Maria Angeles")
    expect(chat.log).to_contain_text("What phone number")
    before = (chat.said, chat.answers)
    assert axe.violations(axe.run(chat.page)) == []
    chat.reload()
    expect(chat.log).to_contain_text("What phone number")
    assert (chat.said, chat.answers) == before
    chat.ask("202 555 0142")
    expect(chat.log).to_contain_text("good time to call")
