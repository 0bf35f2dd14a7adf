"""WCAG 2.2 AA: axe in every state, the keyboard alone, what a screen reader hears, small, large and turned windows.

docs/accessibility.md says how its pictures and its table are made from here.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.answers import ROOT
from tests.browser import axe
from tests.browser.chat import WINDOWS
from tests.browser.gateways import CALL_911, CALL_LINE, answer
from tests.browser.spoken import LISTEN, listen, spoken

LEAST_PX = 44
WARNING = "my legs went numb and i cant pee"


class Report:
    """What axe said of every state; with `PATCHLINE_PICTURES`, pictures, and the table of docs/accessibility.md."""

    def __init__(self):
        self.folder, self.rows = os.environ.get("PATCHLINE_PICTURES"), {}

    def add(self, name, state, found):
        self.rows.setdefault(state, {})[name] = f"{len(found['violations'])} of {len(found['passes'])}"

    def picture(self, chat, name):
        if self.folder:
            chat.page.screenshot(path=Path(self.folder) / f"widget-{name}.png", animations="disabled")

    def write(self):
        names = list(dict.fromkeys(name for row in self.rows.values() for name in row))
        lines = ["| state | " + " | ".join(names).replace("-", " px, ") + " |", "| --- |" + " ---: |" * len(names)]
        lines += [
            f"| {state} | " + " | ".join(row.get(n, "–") for n in names) + " |" for state, row in self.rows.items()
        ]
        page = ROOT / "docs" / "accessibility.md"
        head, begin, rest = page.read_text().partition("<!-- axe: begin -->\n")
        page.write_text(head + begin + "\n".join(lines) + "\n" + rest[rest.index("<!-- axe: end -->") :])


@pytest.fixture(scope="module")
def report():
    report = Report()
    yield report
    if report.folder and report.rows:
        report.write()


def conversation(chat):
    """Every kind of message: greeting, answer with an open source and an opinion, warning."""
    chat.open().ask("how long?")
    chat.log.get_by_text("From: How It Is Performed").click()
    chat.log.get_by_role("button", name="Yes").click()
    expect(chat.log).to_contain_text("Thank you")
    chat.ask(WARNING)
    expect(chat.log.locator(".flag")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("window", ["small phone", "phone", "desk"])
def test_axe_finds_nothing_in_any_state(gateway, visit, report, window, scheme):
    chat = visit(gateway.url, window, quiet=False, color_scheme=scheme, reduced_motion="reduce")
    name, found = f"{WINDOWS[window][0]}-{scheme}", {}

    def look(state):
        found[state] = axe.run(chat.page)
        report.add(name, state, found[state])

    if window != "desk":
        look("closed")
    conversation(chat)
    look("conversation with a warning")
    report.picture(chat, name)
    chat.panel.get_by_role("button", name="More").click()
    look("menu")
    chat.panel.get_by_role("button", name="Delete my conversation").click()
    look("question")
    chat.page.keyboard.press("Escape")
    chat.page.context.set_offline(True)
    chat.ask("are you there?")
    expect(chat.notice).to_be_visible()
    look("no connection")
    chat.panel.get_by_role("button", name="Close the chat").click()
    look("closed with a warning")
    assert {state: axe.violations(what) for state, what in found.items() if what["violations"]} == {}


def test_contrast_and_names_hold_in_high_contrast_and_in_forced_colours(gateway, visit):
    for options in ({"forced_colors": "active"}, {"contrast": "more"}):
        chat = visit(gateway.url, "phone", **options)
        conversation(chat)
        assert axe.violations(axe.run(chat.page)) == []
        for control in chat.panel.locator("button:visible, a.button:visible, textarea").all():
            if not control.evaluate("item => item.matches('.top button, .rate button, .bare')"):
                assert control.evaluate("item => parseFloat(getComputedStyle(item).borderTopWidth)") > 0


def test_the_whole_journey_by_keyboard(gateway, visit):
    chat = visit(gateway.url, "phone")
    page, keys = chat.page, chat.page.keyboard
    for _ in range(10):
        keys.press("Tab")
        if chat.launcher.evaluate("item => item.matches(':focus')"):
            break
    keys.press("Enter")
    expect(chat.field).to_be_focused()
    expect(chat.log).to_contain_text("automated assistant")
    keys.type("how long do i lie flat?")
    keys.press("Shift+Enter")
    keys.type("i forgot")
    keys.press("Enter")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert chat.said == ["how long do i lie flat?\ni forgot"]
    expect(chat.field).to_be_focused()
    names = []
    for _ in range(7):  # backwards, from what is nearest to the field
        keys.press("Shift+Tab")
        names.append(focused(page))
    assert names == [
        "No", "Yes", "From: How It Is Performed", "May I drive?", "Call (202) 555-0142 (clinic line)",
        "Call (202) 555-0142 (clinic line)", "Call 911 (emergency number)",
    ]  # fmt: skip
    keys.press("Shift+Tab")
    expect(chat.log).to_be_focused()  # so that it scrolls by keyboard
    keys.press("Shift+Tab")
    assert focused(page) == "Close the chat"
    keys.press("Shift+Tab")
    assert focused(page) == "More"
    keys.press("Enter")
    assert focused(page) == "Print"
    keys.press("Escape")
    assert focused(page) == "More"
    expect(chat.panel).to_be_visible()
    keys.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def focused(page):
    """The name of what has the focus, inside the widget."""
    return page.evaluate(
        """() => {
          const item = document.activeElement.shadowRoot?.activeElement ?? document.activeElement;
          return item.getAttribute('aria-label') ?? item.innerText.trim();
        }"""
    )


def test_over_the_whole_page_the_focus_stays_in_the_panel_and_beside_it_it_does_not(gateway, visit):
    full = visit(gateway.url, "phone").open()
    outside = 0
    for _ in range(15):
        full.page.keyboard.press("Tab")
        outside += full.page.evaluate(
            "() => document.activeElement !== document.body && document.activeElement.tagName !== 'PATCHLINE-CHAT'"
        )
    assert outside == 0
    full.page.get_by_role("heading", name="Epidural Blood Patch")  # the page behind is inert
    assert full.page.evaluate(
        "document.querySelector('patchline-chat').shadowRoot.querySelector('dialog:modal') !== null"
    )
    beside = visit(gateway.url, "desk").open()
    assert beside.page.evaluate(
        "document.querySelector('patchline-chat').shadowRoot.querySelector('dialog:modal') === null"
    )
    assert beside.page.evaluate("document.activeElement === document.body")  # it was open from the start


def test_a_screen_reader_hears_only_what_is_new(gateway, visit):
    chat = visit(gateway.url).open()
    chat.page.wait_for_timeout(600)
    listen(chat)
    chat.ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    chat.page.wait_for_timeout(500)
    said = [text for text in spoken(chat, "polite") if "looking" not in text]
    assert [text.split("\n")[0][:30] for text in said] == ["You: how long?Sending…", "Patchline: You will lie flat f"]
    chat.page.add_init_script(f"addEventListener('patchline-ready', () => ({LISTEN})())")
    chat.reload()
    expect(chat.log).to_contain_text("30 to 60 minutes")
    chat.page.wait_for_timeout(700)
    assert spoken(chat) == []


@pytest.mark.parametrize("window", ["phone", "desk"])
def test_a_warning_is_said_at_once_and_only_once(gateway, visit, window):
    chat = visit(gateway.url, window).open()
    chat.page.wait_for_timeout(600)
    listen(chat)
    chat.ask(WARNING)
    expect(chat.log.locator(".flag")).to_be_visible()
    chat.page.wait_for_timeout(500)
    (alert,) = spoken(chat, "assertive")
    assert alert.startswith("Call 911 now.")
    assert [text for text in spoken(chat, "polite") if "Do not drive" in text] == []


def test_a_warning_that_comes_while_the_panel_is_closed_is_said_and_its_number_stands_in_the_corner(
    gateway, visit, rasa
):
    chat = visit(gateway.url, "phone").open()
    rasa.delay_s = 1.5
    chat.ask(WARNING)
    chat.panel.get_by_role("button", name="Close the chat").click()
    listen(chat)
    dial = chat.page.get_by_role("link", name="Call 911 (emergency number)")
    expect(dial).to_be_visible()
    expect(dial).to_have_text("Call 911")
    chat.page.wait_for_timeout(500)
    assert spoken(chat, "assertive")[0].startswith("Call 911 now.")


@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), (320, 568), (320, 256), (667, 375), (667, 190), (640, 360), (1280, 800)]
)
def test_everything_fits_is_large_enough_and_can_be_reached(gateway, visit, width, height):
    """320 x 256: a page at 400 %; 640 x 360: one at 200 %; 667 x 190: a turned phone with its keyboard."""
    chat = visit(gateway.url)
    chat.page.set_viewport_size({"width": width, "height": height})
    chat.reload()
    conversation(chat)
    page = chat.page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert chat.log.evaluate("item => item.scrollWidth <= item.clientWidth")
    assert chat.log.evaluate("item => item.clientHeight") >= 44
    small = []
    for control in chat.panel.locator("button:visible, a.button:visible, summary:visible, textarea:visible").all():
        box = control.bounding_box()
        if box["height"] < LEAST_PX or box["width"] < LEAST_PX:
            small.append((control.inner_text(), box))
    assert small == []
    for control in (
        chat.field,
        chat.strip.get_by_role("link").first,
        chat.panel.get_by_role("button", name="Close the chat"),
    ):
        box = control.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height


def test_the_numbers_of_a_warning_stay_in_sight_while_one_scrolls_and_asks_on(gateway, visit):
    chat = visit(gateway.url, "small phone")
    conversation(chat)
    for text in ("and eating?", "and driving?"):
        chat.ask(text)
        expect(chat.log.locator(".typing")).to_have_count(0)
    chat.log.evaluate("item => item.scrollTo(0, 0)")
    expect(chat.strip.get_by_role("link", name="Call 911")).to_be_in_viewport()
    expect(chat.strip.get_by_role("link", name="Call (202) 555-0142")).to_be_in_viewport()
    chat.reload()
    expect(chat.strip.get_by_role("link", name="Call 911")).to_be_in_viewport()


def test_text_that_is_twice_as_large_still_fits(gateway, visit):
    chat = visit(gateway.url, "phone")
    chat.page.evaluate(
        "document.querySelector('patchline-chat').shadowRoot.querySelector('.root').style.fontSize = '32px'"
    )
    conversation(chat)
    assert chat.log.evaluate("item => item.scrollWidth <= item.clientWidth")
    expect(chat.field).to_be_in_viewport()


def test_a_page_that_reads_from_right_to_left_has_the_chat_on_its_own_side(gateway, visit):
    chat = visit(gateway.url)
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    chat.open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert chat.panel.bounding_box()["x"] < 100
    mine, answer_box = (
        chat.log.locator(name).last.bounding_box() for name in (".mine .bubble", ".msg:not(.mine) .bubble")
    )
    assert mine["x"] < answer_box["x"]
    assert chat.log.evaluate("item => item.scrollWidth <= item.clientWidth")


def test_nothing_moves_for_those_who_want_less_motion(gateway, visit, rasa):
    rasa.delay_s = 1.0
    for motion, moving in (("reduce", 0), ("no-preference", 3)):
        chat = visit(gateway.url, reduced_motion=motion).open().ask("how long?")
        expect(chat.log.locator(".typing")).to_be_visible()
        moves = "document.querySelector('patchline-chat').shadowRoot.getAnimations().length"
        assert chat.page.evaluate(moves) == moving


def test_the_chrome_is_spanish_on_a_spanish_page(gateway, visit, rasa):
    rasa.message = answer("Respuesta.", links=[CALL_LINE, CALL_911])
    chat = visit(gateway.url)
    chat.page.evaluate("document.querySelector('patchline-chat').setAttribute('lang', 'es-MX')")
    panel = chat.page.get_by_role("dialog", name="Pregunte a Patchline")
    expect(panel.get_by_role("link", name="Llamar a la clínica")).to_be_visible()
    expect(panel.get_by_role("textbox", name="Su pregunta")).to_be_visible()
    assert chat.page.locator("patchline-chat .root").get_attribute("lang") == "es-MX"
    assert axe.violations(axe.run(chat.page)) == []
