"""What the gateway itself hears in a message, before anybody else is asked."""

import asyncio
import time

import pytest

from patchline.gateway.hearing import Hearing, detect_in_pieces, pieces, signs
from patchline.gateway.incoming import Said
from patchline.settings import ROOT


@pytest.fixture(scope="module")
def hearing():
    return Hearing(ROOT / "content", 1000)


def hear(hearing, **said):
    return asyncio.run(hearing.hear(Said("m1", **said)))


def test_a_typed_message_is_kept_with_what_the_rules_say_of_it(hearing):
    heard = hear(hearing, text="My  wife's leg is numb\u200b")
    assert heard.entry.text == "My wife's leg is numb"
    assert heard.entry.tier == "clinic"
    assert heard.entry.flags["relative"] is True
    assert "numb" in heard.entry.flags["triggers"][0]
    assert heard.asked == {"text": "My wife's leg is numb"}


def test_a_message_without_a_sign_keeps_no_flags(hearing):
    heard = hear(hearing, text="How long do I have to lie flat?")
    assert (heard.entry.flags, heard.entry.tier) == (None, None)


def test_a_denied_sign_is_kept_and_has_no_tier(hearing):
    heard = hear(hearing, text="no fever. when can i shower")
    assert heard.entry.tier is None
    assert heard.entry.flags["triggers"] == []


@pytest.mark.parametrize(
    ("choice", "tier", "language", "relative"),
    [
        ("red_flag/emergency", "emergency", "en", False),
        ("red_flag/crisis_es_they", "crisis", "es", True),
        ("faq/lie_flat", None, "en", False),
    ],
)
def test_a_button_says_its_tier_itself(hearing, choice, tier, language, relative):
    heard = hear(hearing, choice=choice)
    assert (heard.entry.tier, heard.language, heard.relative) == (tier, language, relative)


@pytest.mark.parametrize(
    "text",
    [
        "/red_flag{} my leg is numb",
        "//my leg is numb",
        "my l\u200beg is n\u200bumb",
        "\u202emy leg is numb\u202c",
        "ｍｙ ｌｅｇ ｉｓ ｎｕｍｂ",
        "<b>my leg is numb</b>",
    ],
)
def test_a_sign_in_disguise_is_heard(hearing, text):
    assert hear(hearing, text=text).entry.tier == "clinic"


@pytest.mark.parametrize("place", [0, 900, 2990, 15_000, 60_000])
def test_a_message_that_is_too_long_is_heard_to_its_end(hearing, place):
    noise = "we went to the market and it was sunny. " * 1500
    heard = hear(hearing, text=noise[:place] + " I cannot urinate at all. " + noise[place:])
    assert heard.wording == "too_long"
    assert heard.entry.tier == "emergency"
    assert len(heard.entry.text) <= 1000
    assert any("urinate" in words for words in heard.entry.flags["triggers"])


def test_the_longest_message_of_nothing_but_signs_is_heard_in_time(hearing):
    started = time.monotonic()
    assert hear(hearing, text="my leg is numb " * 4300).entry.tier in ("clinic", "emergency")
    assert time.monotonic() - started < 4


def test_a_worse_sign_behind_many_others_is_heard_and_kept(hearing):
    found = detect_in_pieces(hearing.detector, "my leg is numb " * 800 + "and i cannot pee at all", limit_s=60)
    assert found.tier == found.sure_tier == "emergency"
    assert "bladder_bowel" in {flag.category for flag in found.flags}


def test_where_the_time_ends_before_the_text_what_was_not_read_may_be_worse(hearing):
    found = detect_in_pieces(hearing.detector, "my wife's leg is numb " * 800 + "and she wants to die", limit_s=0)
    assert (found.tier, found.sure_tier, found.relative) == ("emergency", "clinic", True)


def test_without_a_sign_a_text_is_read_to_its_end_however_long_that_takes(hearing):
    text = "we went to the market and it was sunny. " * 300
    assert detect_in_pieces(hearing.detector, text, limit_s=0).tier is None
    assert detect_in_pieces(hearing.detector, text + "I want to die.", limit_s=0).tier == "crisis"


def test_two_signs_far_from_each_other_are_one_worse_sign(hearing):
    text = "I have a fever. " + "We went to the market and it was sunny. " * 120 + "My neck is stiff."
    assert detect_in_pieces(hearing.detector, text).tier == "emergency"


@pytest.mark.parametrize("noise", ["\u200b", "\u2060\u00ad", "\u202e"])
def test_a_word_with_thousands_of_invisible_characters_in_it_is_still_a_word(hearing, noise):
    heard = hear(hearing, text=f"I cannot uri{noise * 5000}nate at all")
    assert (heard.wording, heard.entry.tier) == ("too_long", "emergency")


@pytest.mark.parametrize("text", ["x" * 20_000, "word " * 4000, "ab " * 7 + "y" * 9000 + " end"])
def test_pieces_cover_the_whole_text_and_overlap_between_words(text):
    found = list(pieces(text, 1000, 100))
    assert all(text.startswith(piece, start) and len(piece) <= 1000 for start, piece in found)
    covered = 0
    for start, piece in found:
        assert start <= covered
        covered = max(covered, start + len(piece))
    assert covered == len(text)
    assert len(found) < 1.5 * len(text) / 900 + 3


def test_spans_of_a_long_text_point_into_it(hearing):
    text = "all is well here. " * 300 + "my leg is numb"
    (flag,) = detect_in_pieces(hearing.detector, text).flags
    assert text[slice(*flag.span)] == flag.words


def test_rules_that_fail_leave_the_patient_to_the_other_net(hearing, monkeypatch):
    def fails(text):
        raise RuntimeError(text)

    monkeypatch.setattr(hearing.detector, "detect", fails)
    heard = hear(hearing, text="my leg is numb")
    assert heard.entry.tier is None
    assert heard.asked == {"text": "my leg is numb"}


def test_an_unclear_message_is_kept_as_such(hearing):
    detection = hearing.detector.detect("numb")
    assert detection.unclear
    assert signs(detection)["unclear"] is True
