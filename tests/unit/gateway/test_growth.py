"""What nobody writes by accident: long messages that are made to hold a processor. Work is counted, not timed."""

import cProfile
import pstats
import tracemalloc

import pytest

from patchline.gateway.hearing import Hearing, detect_in_pieces
from patchline.safety.disguise import words_in
from tests.answers import ROOT

HOSTILE = {
    "single letters": "i a ",
    "letters spaced out": "n u m b ",
    "letters with points": "n.u.m.b. ",
    "a sentence spaced out": "m y l e g i s n u m b ",
    "one sign": "my leg is numb ",
    "signs with full stops": "my leg is numb. i cant pee. ",
    "entities": "n&#117;mb ",
    "markup": "<b>a</b> ",
}
LOWERED = {"signs that are denied": "no fever ", "signs that are asked about": "what if my leg is numb "}
LINEAR = 3.2  # times the work for twice the text; the square would be four times


@pytest.fixture(scope="module")
def detector():
    return Hearing(ROOT / "content", 1000).detector


@pytest.mark.parametrize("unit", [*HOSTILE.values()], ids=[*HOSTILE])
def test_twice_the_text_is_about_twice_the_work(detector, unit):
    once, twice = (calls(detector.detect, (unit * size)[:size]) for size in (3_000, 6_000))
    assert twice < LINEAR * once, (once, twice)


@pytest.mark.parametrize("unit", [*LOWERED.values()], ids=[*LOWERED])
def test_where_words_are_weighed_against_signs_a_long_text_is_read_in_pieces(detector, unit):
    once, twice = (calls(detect_in_pieces, detector, (unit * size)[:size], 600) for size in (4_000, 8_000))
    assert twice < LINEAR * once, (once, twice)


def test_letters_spaced_out_are_split_into_words_without_keeping_every_way_to_split_them():
    tracemalloc.start()
    try:
        assert words_in("ia" * 4_000, frozenset({"i", "a", "ia"})) == ["ia"] * 4_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000  # bytes; every list of words up to here took 130 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("letters", "words"),
    [("", []), ("mylegisnumb", ["my", "leg", "is", "numb"]), ("numbx", None), ("xnumb", None), ("legs", ["legs"])],
)
def test_the_fewest_words_that_the_letters_make(letters, words):
    assert words_in(letters, frozenset({"my", "leg", "is", "numb", "legs", "s"})) == words


def calls(function, *arguments):
    """How many calls of functions it takes, those in C included."""
    profile = cProfile.Profile()
    profile.runcall(function, *arguments)
    return pstats.Stats(profile).total_calls
