"""A conversation with the widget in a real browser, against a real gateway."""

import re

from playwright.sync_api import expect

from tests.browser.chat import another_tab
from tests.browser.gateways import answer


def test_an_answer_comes_with_its_source_its_buttons_and_a_link_that_dials(gateway, visit):
    chat = visit(gateway.url).open().ask("how long do i lie flat?")
    expect(chat.log).to_contain_text("You will lie flat for 30 to 60 minutes.")
    expect(chat.log.get_by_role("link", name="Call (202) 555-0142 (clinic line)").last).to_have_attribute(
        "href", "tel:+12025550142"
    )
    quote = chat.log.get_by_text("remain lying flat for 30–60 minutes")
    expect(quote).to_be_hidden()
    chat.log.get_by_text("From: How It Is Performed").click()
    expect(quote).to_be_visible()


def test_a_source_leads_to_its_line_where_the_page_has_it(gateway, visit):
    chat = visit(gateway.url).open().ask("how long do i lie flat?")
    chat.log.get_by_text("From: How It Is Performed").click()
    chat.log.get_by_role("button", name="Show it on this page").click()
    expect(chat.page.locator("#steps-6")).to_be_focused()
    expect(chat.page.locator("#steps-6")).to_be_in_viewport()


def test_a_button_asks_its_question_as_a_choice(gateway, visit, rasa):
    chat = visit(gateway.url).open().ask("how long?")
    rasa.message = answer("Do not drive for a day.")
    chat.log.get_by_role("button", name="May I drive?").click()
    expect(chat.log).to_contain_text("Do not drive for a day.")
    assert chat.said == ["how long?", "May I drive?"]
    assert rasa.asked[-1]["choice"] == "faq/driving"


def test_every_message_has_its_time_and_the_day_stands_above(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log.locator("time")).to_have_count(3)
    assert all(re.fullmatch(r"\d{1,2}:\d\d\s[AP]M", text) for text in chat.log.locator("time").all_inner_texts())
    expect(chat.log.get_by_text("Today", exact=True)).to_have_count(1)


def test_while_the_answer_is_awaited_dots_show_it_and_a_screen_reader_is_told(gateway, visit, rasa):
    rasa.delay_s = 1.8
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log.locator(".typing")).to_be_visible()
    expect(chat.aloud("status").first).to_have_text("Patchline is looking this up…")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    expect(chat.log.locator(".typing")).to_have_count(0)


def test_a_reload_shows_the_same_conversation_and_the_open_panel(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    before = (chat.said, chat.answers)
    chat.reload()
    expect(chat.panel).to_be_visible()
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert (chat.said, chat.answers) == before


def test_a_closed_panel_stays_closed_after_a_reload(gateway, visit):
    chat = visit(gateway.url).open()
    chat.panel.get_by_role("button", name="Close the chat").click()
    chat.reload()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_be_hidden()


def test_whether_an_answer_helped_is_kept_and_shown_again_after_a_reload(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    helpful = chat.log.get_by_role("group", name="Was this helpful?")
    expect(helpful).to_have_count(1)  # not for the greeting
    helpful.get_by_role("button", name="No").click()
    expect(helpful).to_contain_text("Thank you")
    chat.reload()
    expect(helpful.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")
    expect(helpful.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "false")


def test_two_tabs_show_the_same_and_send_a_message_once(gateway, visit, rasa):
    first = visit(gateway.url).open()
    second = another_tab(first.page.context, gateway.url).open()
    rasa.delay_s = 1.0
    first.ask("how long?")
    expect(second.log.get_by_text("how long?")).to_be_visible()
    rasa.delay_s = 0
    expect(second.log).to_contain_text("30 to 60 minutes")
    second.ask("and driving?")
    expect(first.log.locator(".mine")).to_have_count(2)
    expect(first.log.locator(".msg")).to_have_count(5)
    assert first.said == second.said == ["how long?", "and driving?"]
    assert first.answers == second.answers
    assert [asked["text"] for asked in rasa.asked] == ["how long?", "and driving?"]
    assert second.problems == []


def test_deleting_asks_first_and_then_leaves_nothing_in_any_tab_or_in_the_browser(gateway, visit):
    chat = visit(gateway.url).open().ask("my name is Zebulon")
    other = another_tab(chat.page.context, gateway.url).open()
    expect(other.log).to_contain_text("Zebulon")
    token = chat.stored["key"]
    chat.menu("Delete my conversation")
    question = chat.page.get_by_role("alertdialog")
    expect(question).to_contain_text("here and at the clinic?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    question.get_by_role("button", name="Cancel").click()
    expect(chat.log).to_contain_text("Zebulon")
    chat.menu("Delete my conversation")
    question.get_by_role("button", name="Delete my conversation").click()
    for tab in (chat, other):
        expect(tab.log).not_to_contain_text("Zebulon")
        expect(tab.log.locator(".msg")).to_have_count(1)
    answer = chat.page.request.get(
        f"{gateway.url}/api/conversations/{token['id']}", headers={"Authorization": f"Bearer {token['token']}"}
    )
    assert answer.status == 404
    assert chat.stored["key"]["id"] != token["id"]


def test_starting_over_asks_first_and_begins_a_new_conversation(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log.locator(".msg")).to_have_count(3)
    chat.menu("Start over")
    chat.page.get_by_role("alertdialog").get_by_role("button", name="Start over").click()
    expect(chat.log.locator(".msg")).to_have_count(1)
    assert chat.said == []
    expect(chat.field).to_be_focused()


def test_the_conversation_can_be_saved_and_printed_with_its_sources(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    with chat.page.expect_download() as download:
        chat.menu("Save as a text file")
    assert download.value.suggested_filename == "Patchline.txt"
    text = download.value.path().read_text()
    chat.page.context.add_init_script("window.print = () => { document.title += ' (printed)'; }")
    with chat.page.expect_popup() as popup:
        chat.menu("Print")
    printed = popup.value.locator("body").inner_text()
    for written in (text, printed):
        assert "You\nhow long?" in written
        assert "From: How It Is Performed: “The needle is removed" in written
    popup.value.close()


def test_the_browser_keeps_a_token_and_no_words(gateway, visit):
    chat = visit(gateway.url).open().ask("my name is Zebulon")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    kept = chat.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert "Zebulon" not in kept
    assert set(chat.stored) == {"key", "unsent", "seen", "used"}
    assert chat.stored["unsent"] == []


def test_a_token_that_was_not_used_for_a_month_is_dropped(gateway, visit):
    chat = visit(gateway.url).open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    chat.page.evaluate(
        """() => {
          const [name] = Object.keys(localStorage);
          const kept = JSON.parse(localStorage[name]);
          localStorage[name] = JSON.stringify({...kept, used: kept.used - 31 * 86400000});
        }"""
    )
    chat.reload()
    expect(chat.log.locator(".msg")).to_have_count(1)


def test_a_conversation_that_the_clinic_deleted_ends_and_the_next_message_begins_another(gateway, visit):
    chat = visit(gateway.url, quiet=False).open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    key = chat.stored["key"]
    chat.page.request.delete(
        f"{gateway.url}/api/conversations/{key['id']}", headers={"Authorization": f"Bearer {key['token']}"}
    )
    chat.ask("and driving?")
    expect(chat.log.locator(".mine")).to_have_count(1)
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert chat.said == ["and driving?"]


def test_without_storage_the_conversation_lasts_as_long_as_the_page(gateway, browser):
    context = browser.new_context()
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('no', 'SecurityError'); }});"
    )
    chat = another_tab(context, gateway.url).open().ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    chat.ask("and driving?")
    expect(chat.log.locator(".msg")).to_have_count(5)
    assert chat.problems == []
    context.close()


def test_no_request_leaves_for_another_host_and_no_word_stands_in_an_address(gateway, visit):
    chat = visit(gateway.url, "phone")
    addresses = []
    chat.page.on("request", lambda request: addresses.append(request.url))
    chat.open().ask("my name is Zebulon")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert addresses
    assert [url for url in addresses if not url.startswith(gateway.url) or "Zebulon" in url] == []


def test_a_page_that_nobody_opens_the_chat_on_begins_no_conversation(gateway, visit):
    chat = visit(gateway.url, "phone")
    chat.page.wait_for_timeout(500)
    assert chat.page.evaluate("localStorage.length") == 0
