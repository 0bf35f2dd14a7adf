"""The file of channels: read, checked, and explained when it is wrong, without the addresses that it holds."""

import pytest

from patchline.chain import Chain, Contact
from patchline.content import ContentError
from patchline.escalation.channels.book import check_book, check_channels, missing, read_book
from patchline.escalation.channels.by_apprise import AppriseChannel
from patchline.escalation.channels.channel import Notice
from patchline.escalation.channels.webhook import Webhook

SECRET = "hush" * 8


@pytest.fixture
def book(tmp_path):
    def read(text):
        path = tmp_path / "channels.yml"
        path.write_text(text)
        return read_book(path, print)

    return read


def test_channels_of_both_kinds_are_read_and_the_log_is_always_there(book):
    channels = book(
        "nurse-mail:\n  apprise: mailto://x\n  private: true\n"
        f"hook:\n  webhook: https://x.example/y\n  secret: {SECRET}\n"
    )
    assert channels["nurse-mail"] == AppriseChannel("nurse-mail", "mailto://x", private=True)
    assert channels["hook"] == Webhook("hook", "https://x.example/y", SECRET)
    assert set(channels) == {"log", "nurse-mail", "hook"}


def test_without_a_file_or_with_an_empty_one_there_is_the_log_alone(book):
    assert set(read_book(None, print)) == set(book("")) == {"log"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n  apprise: mailto://hush\n  webhook: https://hush\n", r"line 2.*'a' needs either"),
        ("a: mailto://hush\n", "'a' needs either"),
        ("a:\n  private: true\n", r"line 2.*'a' needs either"),
        ("log:\n  apprise: mailto://hush\n", "not 'log'"),
        ("A b:\n  apprise: mailto://hush\n", "a-z"),
        ("a:\n  apprise: mailto://hush\n  secret: x\n", r"line 3: unknown field 'secret'"),
        ("a:\n  apprise:\n", "'apprise' is missing or empty"),
        ("a:\n  webhook: https://hush\n", "'secret' is missing"),
        (f"a:\n  webhook: ftp://hush\n  secret: {SECRET}\n", r"line 2: write an address"),
        ("a:\n  webhook: https://hush\n  secret: hush\n", r"line 3: at least 32"),
        ("a:\n  apprise: mailto://hush\n  private: maybe\n", r"line 3: write 'true'"),
        ("- mailto://hush\n", "names of channels"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_no_address_is_repeated(book, text, said):
    with pytest.raises(ContentError, match=said) as caught:
        book(text)
    assert "hush" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ContentError, match="no-such"):
        read_book(tmp_path / "no-such.yml", print)


def test_a_contact_whose_channel_nobody_described_is_found_before_the_start(tmp_path):
    chain = Chain((Contact("Nurse", ("log", "sms")), Contact("Doctor", ("sms", "pager"))), {}, 15)
    assert missing(chain, ["log"]) == ["sms", "pager"]
    check_channels(chain, ["log", "sms", "pager"])
    with pytest.raises(ContentError, match="sms, pager"):
        check_book(chain, None)


def test_the_log_channel_writes_ids_and_never_what_the_message_says():
    lines = []
    channel = read_book(None, lambda name, **fields: lines.append((name, fields)))["log"]
    facts = {"reference": "PL-7K3F9", "kind": "red_flag", "tier": "crisis", "contact": "Nurse", "triggers": ["numb"]}
    channel.send(Notice(7, "title", "numb", facts), None)
    (name, fields) = lines[0]
    assert name == "notice"
    assert fields == {"reference": "PL-7K3F9", "kind": "red_flag", "tier": "crisis", "contact": "Nurse"}
