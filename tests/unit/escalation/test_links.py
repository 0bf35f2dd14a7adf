from datetime import timedelta

import pytest

from patchline.escalation.links import Link, Links
from patchline.gateway.tokens import Tokens
from patchline.settings import SettingsError

LINKS = Links("k" * 40, "https://chat.clinic.example/")


def test_a_token_says_which_ticket_and_to_whom_it_was_sent():
    assert LINKS.verify(LINKS.sign("PL-7K3F9", "Nurse on call")) == Link("PL-7K3F9", "Nurse on call")
    assert LINKS.verify(LINKS.sign("PL-7K3F9")) == Link("PL-7K3F9", None)


def test_a_link_is_an_address_of_the_desk():
    address = LINKS.address("PL-7K3F9", "Nurse")
    assert address.startswith("https://chat.clinic.example/desk/ack/")
    assert LINKS.verify(address.rpartition("/")[2]) == Link("PL-7K3F9", "Nurse")


def test_a_token_of_somebody_else_a_changed_one_and_one_of_a_conversation_are_none():
    token = LINKS.sign("PL-7K3F9")
    for wrong in (
        "",
        "x",
        token[:-1],
        f"x{token}",
        "é",
        Links("o" * 40).sign("PL-7K3F9"),
        Tokens("k" * 40).issue("c1"),
    ):
        assert LINKS.verify(wrong) is None
    assert Tokens("k" * 40).owner(token) is None


def test_a_token_is_good_for_some_days_only():
    token = LINKS.sign("PL-7K3F9")
    assert LINKS.verify(token, valid=timedelta(seconds=-1)) is None
    assert LINKS.verify(token, valid=timedelta(days=1)) is not None


def test_without_a_secret_nothing_is_signed():
    with pytest.raises(SettingsError, match="PATCHLINE_SECRET"):
        Links("")
