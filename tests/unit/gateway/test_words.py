import time

import pytest

from patchline.gateway.words import read


def test_plain_words_are_kept_and_asked_as_they_are():
    words = read(" May I eat? ", 1000)
    assert (words.kept, words.asked, words.wording) == ("May I eat?", "May I eat?", None)


@pytest.mark.parametrize("text", ['/faq{"a": 1}', "  //restart", "\u200b/ /faq", "／faq", "\n/\t/faq"])
def test_typed_text_is_never_a_rasa_payload(text):
    assert not read(text, 1000).asked.startswith("/")
    assert read(text, 1000).wording is None


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b\u200e", "\x00"])
def test_nothing_is_answered_as_empty(text):
    assert read(text, 1000).wording == "empty"


@pytest.mark.parametrize("text", ["😢", "?!", "...", "/", "// /", "❤️ 👍🏽"])
def test_emoji_or_punctuation_alone_is_answered_as_no_words(text):
    assert read(text, 1000).wording == "no_words"


def test_the_limit_counts_the_cleaned_text():
    assert read("a" * 1000 + "   ", 1000).wording is None
    too_long = read("a" * 1001, 1000)
    assert (too_long.wording, too_long.kept) == ("too_long", "a" * 1000)


def test_a_body_full_of_combining_marks_costs_no_time():
    started = time.perf_counter()
    assert read("a" + "\u0301\u0323" * 16_000, 1000).wording == "too_long"
    assert time.perf_counter() - started < 0.3


def test_words_far_behind_a_lot_of_white_space_are_found():
    assert read(" " * 50_000 + "help", 1000).asked == "help"


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", "I didn't see any words"),
        ("😢", "I can't read that without words"),
        ("a" * 1001, "That message is too long"),
    ],
)
def test_the_patient_gets_the_wording_and_rasa_is_not_asked(patient, rasa, text, begins):
    (message,) = patient.says(text)
    assert message["text"].startswith(begins)
    assert message["topic"] == "fallback"
    assert message["links"][0]["href"] == "tel:+12025550142"
    assert rasa.asked == []
    assert patient.transcript()[1]["text"] == text[:1000]


def test_a_wording_that_names_911_has_a_link_to_it(patient):
    (message,) = patient.says("a" * 1001)
    assert [link["href"] for link in message["links"]] == ["tel:+12025550142", "tel:911"]
