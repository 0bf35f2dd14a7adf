"""The draft in the patients' own chat, beside the form: a real desk, the real widget, no Rasa."""

import pytest
from playwright.sync_api import expect

from tests.desk import fill_sign_in

TOPIC = "/desk/topics/faq.lie_flat"
# What the chat has in this browser; the desk's own pages keep things of theirs under other names.
KEPT = (
    "[localStorage, sessionStorage].map((kept) => Object.entries(kept).filter(([name]) => /^patchline[:-]/.test(name)))"
)
TALK = "a conversation of this browser"


HEEDED = ""  # every word on the console, not only what a policy refused


@pytest.fixture
def open_signed_in(open_page, desk):
    """`open_signed_in(width=390)`: as `open_page`, at the desk, as an admin."""

    def open_signed_in(**more):
        page = open_page(**more)
        page.goto(f"{desk.base_url}/desk")
        fill_sign_in(page, "avi")
        page.wait_for_url(f"{desk.base_url}/desk")
        return page

    return open_signed_in


def test_what_is_typed_stands_in_the_chat_with_its_number_its_lines_and_its_buttons(desk, open_signed_in):
    page = open_signed_in()
    page.evaluate(f"localStorage.setItem('patchline:' + location.origin, '{TALK}')")
    page.goto(f"{desk.base_url}{TOPIC}")
    frame = page.frame_locator("iframe")
    log = frame.get_by_role("log")
    expect(log).to_contain_text("you stay lying flat for 30–60 minutes")
    expect(frame.get_by_role("button", name="How long the procedure takes")).to_be_visible()
    expect(page.locator(".phone")).to_be_hidden()
    page.get_by_role("textbox", name="Answer").fill("Lie still. Ask {line}")
    expect(log).to_contain_text("Lie still. Ask (202) 555-0142")
    expect(log).not_to_contain_text("you stay lying flat")
    assert page.evaluate("document.activeElement.id") == "answer"
    number = log.get_by_role("link", name="Call (202) 555-0142 (clinic line)")
    assert number.get_attribute("href") == "tel:+12025550142"
    number.focus()
    page.keyboard.press("Enter")  # dials nothing, leads nowhere
    log.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(log).to_contain_text("you will remain lying flat for 30–60 minutes")
    frame.get_by_role("button", name="How long the procedure takes").focus()
    page.keyboard.press("Enter")
    expect(log).to_contain_text("“How long the procedure takes” is answered here.")
    assert page.evaluate(KEPT) == [[[f"patchline:{desk.base_url}", TALK]], []]


def test_keys_lead_through_the_chat_and_out_of_it_on_a_phone_too(desk, open_signed_in):
    page = open_signed_in(width=390)
    page.goto(f"{desk.base_url}/desk/wordings/red_flag.emergency")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("region", name="Emergency: call now")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    inside = []
    for _ in range(40):
        page.keyboard.press("Tab")
        inside.append(page.evaluate("document.activeElement.tagName") == "IFRAME")
    assert True in inside
    assert False in inside[inside.index(True) :]


def test_without_scripts_the_draft_is_drawn(desk, open_signed_in):
    page = open_signed_in(scripts=False)
    page.goto(f"{desk.base_url}{TOPIC}")
    expect(page.locator(".phone")).to_contain_text("you stay lying flat for 30–60 minutes")
    assert page.locator("iframe").count() == 0
