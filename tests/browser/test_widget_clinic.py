"""What the clinic does with a ticket, and what a nurse writes, in the patient's chat: live, late, after a reload."""

import pytest
from playwright.sync_api import expect

from patchline.database import engines
from patchline.database.schema import now
from patchline.escalation import desk_api
from tests.browser import axe
from tests.browser.chat import SECONDS
from tests.browser.gateways import answer
from tests.browser.spoken import listen, spoken

WARNING = "my legs went numb and i cant pee"
IN_CHAT = "A person of the clinic is in this chat."


@pytest.fixture
def database(gateway):
    engine = engines.make_engine(gateway.database)
    yield engine
    engine.dispose()


@pytest.fixture
def nurse(database):
    """`nurse(deed, chat, …)`: what the desk does with the ticket of a chat, as Dana."""

    def act(deed, chat, *more):
        (case,) = desk_api.cases_of(database, chat.stored["key"]["id"])
        deed(database, case.reference, "Dana", now(), *more)

    return act


def notes(chat):
    return chat.log.locator(".note .text")


def warned(chat):
    """A chat whose warning sign is known at the clinic."""
    chat.open().ask(WARNING)
    expect(notes(chat)).to_contain_text("Sent to the clinic at")
    return chat


def test_what_the_clinic_does_appears_and_is_said_politely(gateway, visit, nurse):
    chat = visit(gateway.url, "phone").open()
    chat.page.wait_for_timeout(600)
    listen(chat)
    warned(chat)
    nurse(desk_api.acknowledge, chat)
    expect(notes(chat)).to_have_count(2)
    expect(notes(chat).last).to_contain_text("Seen by a nurse at")
    chat.panel.get_by_role("button", name="New message").click()  # the warning is not pushed away while it is read
    expect(notes(chat).last).to_be_in_viewport()
    heard = [text.split(" at ")[0] for text in spoken(chat, "polite") if " at " in text]
    assert heard == ["Sent to the clinic", "Seen by a nurse"]
    expect(chat.strip).to_be_visible()
    before = chat.answers
    chat.reload()
    expect(notes(chat)).to_have_count(2)
    assert chat.answers == before


def test_a_person_of_the_clinic_is_shown_as_one_and_the_bot_is_quiet(gateway, visit, nurse):
    chat = warned(visit(gateway.url))
    nurse(desk_api.message_to_patient, chat, "Hello, this is Dana. <b>I call you now.</b>")
    person = chat.log.locator(".person:not(.note)")
    expect(person).to_contain_text("A person at Parkview Spine & Pain")
    expect(person).to_contain_text("<b>I call you now.</b>")
    expect(chat.page.get_by_text(IN_CHAT)).to_be_visible()
    assert axe.violations(axe.run(chat.page)) == []
    chat.ask("thank you nurse")
    expect(chat.log.locator(".mine time")).to_have_count(2)
    expect(chat.log.locator(".typing")).to_have_count(0)
    expect(chat.log).not_to_contain_text("30 to 60 minutes")
    nurse(desk_api.hand_back, chat)
    expect(chat.page.get_by_text(IN_CHAT)).to_be_hidden()
    chat.ask("how long do i lie flat?")
    expect(chat.log).to_contain_text("30 to 60 minutes")


def test_what_the_clinic_did_while_the_server_was_away_comes_once(gateway, visit, nurse):
    chat = warned(visit(gateway.url, quiet=False))
    gateway.kill()
    nurse(desk_api.acknowledge, chat)
    gateway.start()
    expect(notes(chat)).to_have_count(2, timeout=20 * SECONDS)
    expect(notes(chat).last).to_contain_text("Seen by a nurse at")
    expect(chat.notice).to_be_hidden()
    chat.page.wait_for_timeout(2500)  # two looks of the server
    expect(notes(chat)).to_have_count(2)


def test_news_show_on_the_button_while_the_panel_is_closed_and_until_they_are_seen(gateway, visit, nurse):
    chat = warned(visit(gateway.url, "phone"))
    chat.panel.get_by_role("button", name="Close the chat").click()
    nurse(desk_api.acknowledge, chat)
    button = chat.page.get_by_role("button", name="Ask Patchline New messages from the clinic: 1")
    expect(button).to_be_visible()
    chat.reload()
    expect(button).to_be_visible()
    button.click()
    expect(notes(chat).last).to_be_in_viewport()
    chat.panel.get_by_role("button", name="Close the chat").click()
    plain = chat.page.get_by_role("button", name="Ask Patchline", exact=True)
    expect(plain).to_be_visible()
    chat.reload()
    chat.page.wait_for_timeout(600)
    expect(plain).to_be_visible()


def test_a_person_who_reads_further_up_is_told_of_news_and_not_moved(gateway, visit, nurse, rasa):
    chat = warned(visit(gateway.url))
    rasa.message = answer("A long answer.\n" * 60)
    chat.ask("how long?")
    expect(chat.log).to_contain_text("A long answer.")
    chat.log.evaluate("log => log.scrollTo(0, 0)")
    nurse(desk_api.acknowledge, chat)
    jump = chat.panel.get_by_role("button", name="New message")
    expect(jump).to_be_visible()
    assert chat.log.evaluate("log => log.scrollTop") == 0
    jump.click()
    expect(notes(chat).last).to_be_in_viewport()
    expect(jump).to_be_hidden()
