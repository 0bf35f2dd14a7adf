"""docs/escalation.md says what the code does."""

import re

import pytest

from patchline import content
from patchline.escalation import outbox
from patchline.escalation.channels import http_answers, webhook
from patchline.escalation.channels.book import check_channels, read_book
from patchline.escalation.states import STATES, TRANSITIONS
from patchline.settings import ROOT

TEXT = (ROOT / "docs" / "escalation.md").read_text()
CHAIN, CHANNELS = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)


def test_the_examples_can_be_used_as_they_stand(tmp_path):
    clinic = (ROOT / "content" / "clinic.yml").read_text().partition("escalation:")[0] + CHAIN
    (tmp_path / "clinic.yml").write_text(clinic)
    (tmp_path / "channels.yml").write_text(CHANNELS)
    book = read_book(tmp_path / "channels.yml", print)
    chain = content.load_clinic(tmp_path / "clinic.yml").chain
    named = {name for contact in chain.contacts for name in contact.channels}
    assert named - set(book) == {"nurse-sms"}  # the example is not long enough for all of them
    check_channels(chain, [*book, "nurse-sms"])


def test_the_states_are_those_of_the_code():
    drawn = set(re.findall(r"^  (\w+) --> (\w+)", TEXT, re.M))
    moves = {(a, b) for action in TRANSITIONS.values() for a, b in action.items() if a != b}
    assert drawn == moves
    assert {state for move in drawn for state in move} == set(STATES)


@pytest.mark.parametrize("header", [webhook.DELIVERY, webhook.TIMESTAMP, webhook.SIGNATURE])
def test_the_webhooks_headers_are_named(header):
    assert f"`{header}`" in TEXT


def test_its_numbers_are_those_of_the_code():
    assert f"{', '.join(map(str, http_answers.LATER))} and 5xx" in TEXT
    assert f"more than {webhook.WINDOW_S} seconds" in TEXT
    assert f"{outbox.LONGEST_RETRY_AFTER_S / 60:.0f} minutes at most" in TEXT
    assert outbox.TIMES == 8
    assert "eight times" in TEXT
