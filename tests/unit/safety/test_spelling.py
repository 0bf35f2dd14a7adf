import time

import pytest

from patchline.safety.spelling import Speller


@pytest.fixture
def speller():
    return Speller(
        vocabulary=["fever", "numb", "tingling", "urinate", "back", "headache"],
        forgive=["fever", "tingling", "urinate", "headache"],
        guard=["never", "fewer", "urine"],
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feaver", "fever"),
        ("fevre", "fever"),
        ("numbb", "numb"),
        ("tingeling", "tingling"),
        ("urinat", "urinate"),
        ("hedache", "headache"),
        ("headakhe", "headache"),
        ("baaaack", "back"),
    ],
)
def test_a_slip_is_read_as_the_word_that_was_meant(speller, written, meant):
    assert speller.correct(written) == meant


@pytest.mark.parametrize("word", ["never", "fewer", "urine", "fever", "lever", "nub", "bach", "hello", "xyz12", ""])
def test_right_short_and_unlike_words_stay(speller, word):
    assert speller.correct(word) == word
    assert not speller.wrong(word)


def test_a_letter_held_down_takes_no_longer_than_a_word(detector):
    start = time.process_time()
    for text in ("a" * 1000, "aabbccddeeffgghh" * 60, "baaaaaaack paiiiiiin"):
        detector.detect(text)
    assert time.process_time() - start < 1
