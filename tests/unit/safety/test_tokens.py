import pytest

from patchline.safety.spelling import Speller
from patchline.safety.tokens import UNKNOWN, Reader, plain_form


@pytest.fixture
def reader():
    known = frozenset("she cant feel her feet numb my wife leg it its . ? , and #fever #maybe".split())
    same = {"cant": (("not", "able", "to"), ("isnt", "able", "to"), ("cannot",))}
    return Reader(known, Speller(known | {"able", "isnt"}, ["fever"], []), same)


def plain(reader, text):
    return [token.plain for token in reader.read(text)]


def test_several_ways_to_say_one_thing_become_one_word_over_all_their_letters(reader):
    token = reader.read("she is not able to feel")[2]
    assert (token.plain, token.start, token.end) == ("cant", 7, 18)


def test_the_longest_way_wins_and_half_a_way_stays(reader):
    assert plain(reader, "she isn't able to feel") == ["she", "cant", "feel"]
    assert plain(reader, "she isn't able") == ["she", UNKNOWN, UNKNOWN]


def test_words_that_no_pattern_knows_are_not_kept(reader):
    assert plain(reader, "my secret numb leg") == ["my", UNKNOWN, "numb", "leg"]


def test_letters_written_too_often_are_read_once_or_twice(reader):
    assert plain(reader, "numbbb feeeet") == ["numb", "feet"]


def test_numbers_become_what_they_may_be(reader):
    assert plain(reader, "102.3 103 38 C 7") == ["#fever", "#maybe", "#fever", UNKNOWN, UNKNOWN]


def test_every_token_stands_where_its_letters_are(reader):
    text = "My wife's leg, it's numb!"
    assert [text[token.start : token.end] for token in reader.read(text)] == [
        "My", "wife's", "leg", ",", "it's", "numb", "!",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Can’t", "cant"),
        ("CAN'T", "cant"),
        ("wife's", "wife"),
        ("it's", "its"),
        ("mañana", "manana"),
        ("пumb", "пumb"),
        ("numЬ", "numь"),
        ("nυmb", "numb"),
        ("lеgs", "legs"),
        ("n\u0336u\u0336mb", "numb"),
        ("?!", "?"),
        ("!!!", "."),
        ("&", "and"),
        ("—", ","),
    ],
)
def test_the_plain_form_of_a_word(written, read):
    assert plain_form(written) == read
