"""The server is away, slow, killed or started again, the network goes: a number in time, nothing lost or doubled."""

import json
import time

import pytest
from playwright.sync_api import expect

from tests.browser.chat import SECONDS
from tests.browser.gateways import answer

PATIENCE = 8 * SECONDS
LINE = "tel:+12025550142"


@pytest.fixture
def chat(gateway, visit):
    return visit(gateway.url, quiet=False).open()  # a browser complains of a server that is away


def expect_numbers(chat):
    """The sentence with the numbers, in time."""
    expect(chat.notice).to_be_visible(timeout=PATIENCE)
    expect(chat.notice.locator(f"a[href='{LINE}']")).to_be_visible()
    expect(chat.notice.locator("a[href='tel:911']")).to_be_visible()


def test_a_message_to_a_killed_server_waits_and_goes_once_when_it_is_back(chat, gateway, rasa):
    gateway.kill()
    chat.ask("may i wear jeans")
    expect_numbers(chat)
    expect(chat.notice).to_contain_text("not sent yet")
    expect(chat.log.get_by_text("Waiting to be sent")).to_be_visible()
    gateway.start()
    expect(chat.log).to_contain_text("30 to 60 minutes", timeout=20 * SECONDS)
    expect(chat.notice).to_be_hidden()
    expect(chat.aloud("status").first).to_have_text("The chat works again.")
    assert chat.said == ["may i wear jeans"]
    assert [asked["text"] for asked in rasa.asked] == ["may i wear jeans"]


def test_a_server_that_hangs_gives_way_to_the_numbers_and_the_answer_still_comes(chat, gateway, rasa):
    gateway.freeze()
    chat.ask("how long?")
    expect_numbers(chat)
    gateway.thaw()
    expect(chat.log).to_contain_text("30 to 60 minutes", timeout=20 * SECONDS)
    expect(chat.notice).to_be_hidden()
    assert len(rasa.asked) == 1


def test_a_server_that_dies_while_it_answers_is_asked_again_with_the_same_message(chat, gateway, rasa):
    rasa.delay_s = 1.5
    chat.ask("how long?")
    chat.page.wait_for_timeout(700)
    gateway.kill()
    expect_numbers(chat)
    rasa.delay_s = 0
    gateway.start()
    expect(chat.log).to_contain_text("30 to 60 minutes", timeout=20 * SECONDS)
    chat.reload()
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert chat.said == ["how long?"]


def test_the_numbers_show_when_the_server_goes_while_nobody_types(chat, gateway):
    chat.page.wait_for_timeout(500)
    gateway.kill()
    expect_numbers(chat)
    gateway.start()
    expect(chat.notice).to_be_hidden(timeout=20 * SECONDS)


def test_a_chat_that_is_opened_while_the_server_hangs_shows_the_numbers_and_then_begins(gateway, visit):
    chat = visit(gateway.url, "phone", quiet=False)
    gateway.freeze()
    started = time.monotonic()
    chat.launcher.click()
    expect(chat.panel.locator(f".top a[href='{LINE}']")).to_be_visible()  # at once
    expect_numbers(chat)
    assert time.monotonic() - started < 8
    gateway.thaw()
    expect(chat.log).to_contain_text("automated assistant", timeout=20 * SECONDS)
    expect(chat.notice).to_be_hidden()


def test_messages_written_offline_survive_a_closed_tab_and_go_once_in_order(chat, gateway, rasa):
    context = chat.page.context
    chat.page.wait_for_timeout(300)
    context.set_offline(True)
    chat.ask("first words")
    expect_numbers(chat)
    chat.ask("second words")
    expect(chat.log.get_by_text("Waiting to be sent")).to_have_count(2)
    chat.page.close()
    context.set_offline(False)
    back = type(chat)(context.new_page()).go(gateway.url)
    expect(back.log.locator(".msg:not(.mine)", has_text="30 to 60 minutes")).to_have_count(2, timeout=20 * SECONDS)
    assert back.said == ["first words", "second words"]
    assert [asked["text"] for asked in rasa.asked] == ["first words", "second words"]


def test_the_chat_recovers_at_once_when_the_network_is_back(chat):
    chat.page.context.set_offline(True)
    chat.ask("how long?")
    expect_numbers(chat)
    chat.page.context.set_offline(False)
    expect(chat.log).to_contain_text("30 to 60 minutes", timeout=3 * SECONDS)


def test_an_unsent_message_from_days_ago_is_not_sent_without_being_asked(gateway, visit, rasa):
    chat = visit(gateway.url, quiet=False).open()
    chat.page.context.set_offline(True)
    chat.ask("my leg is numb")
    expect(chat.log.get_by_text("Waiting to be sent")).to_be_visible(timeout=PATIENCE)
    chat.page.evaluate(
        """() => {
          const [name] = Object.keys(localStorage);
          const kept = JSON.parse(localStorage[name]);
          kept.unsent[0].at -= 3 * 86400000;
          localStorage[name] = JSON.stringify(kept);
        }"""
    )
    chat.page.context.set_offline(False)
    expect(chat.log).to_contain_text("Not sent.")
    assert rasa.asked == []
    chat.log.get_by_role("button", name="Send it again").click()
    expect(chat.log.locator(".flag")).to_be_visible()
    assert chat.said == ["my leg is numb"]


def test_a_message_that_the_server_refuses_says_why_and_can_be_sent_again(chat, rasa):
    chat.page.route("**/messages", refuse(413, "That is more than I can take at once."), times=1)
    chat.ask("long words")
    expect(chat.log).to_contain_text("Not sent. That is more than I can take at once.")
    chat.log.get_by_role("button", name="Send it again").click()
    expect(chat.log).to_contain_text("30 to 60 minutes")
    assert chat.said == ["long words"]


def test_too_many_messages_wait_as_long_as_the_server_asks_and_then_go(chat, rasa):
    chat.page.route("**/messages", refuse(429, "Too fast.", {"Retry-After": "2"}), times=1)
    chat.ask("how long?")
    expect(chat.notice).to_contain_text("longer than it should")
    expect(chat.log).to_contain_text("30 to 60 minutes", timeout=PATIENCE)
    assert len(rasa.asked) == 1


def test_an_opinion_that_cannot_be_kept_and_a_deletion_that_fails_say_so(chat, gateway):
    chat.ask("how long?")
    helpful = chat.log.get_by_role("group", name="Was this helpful?")
    expect(helpful).to_be_visible()
    gateway.kill()
    helpful.get_by_role("button", name="Yes").click()
    expect(helpful).to_contain_text("could not be kept")
    chat.menu("Delete my conversation")
    chat.page.get_by_role("button", name="Delete my conversation").click()
    expect(chat.page.get_by_role("alertdialog")).to_contain_text("could not be deleted now")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    gateway.start()


def test_a_hung_rasa_ends_in_the_clinics_own_words(chat, rasa):
    rasa.delay_s = 7.0
    chat.ask("how long?")
    expect(chat.log).to_contain_text("Please call the clinic line", timeout=PATIENCE)


def refuse(status, detail, headers=None):
    """A route that answers with a problem, as the gateway writes it."""
    body = json.dumps(
        {"type": "about:blank", "title": "No", "status": status, "detail": detail, "line": "(202) 555-0142"}
    )

    def handle(route):
        route.fulfill(status=status, content_type="application/problem+json", body=body, headers=headers or {})

    return handle


def test_after_everything_the_same_page_still_answers(chat, rasa):
    rasa.message = answer("Yes, you may eat.")
    chat.ask("may i eat?")
    expect(chat.log).to_contain_text("Yes, you may eat.")
