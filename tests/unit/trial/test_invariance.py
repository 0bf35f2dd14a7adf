"""What is put around a message, and how it is typed, leaves the message itself as it is."""

import pytest

from patchline.trial import invariance
from patchline.trial.invariance import ALL, POLITE, TYPED, dictated, slip
from patchline.trial.plain import plain

MESSAGES = ["my chest hurts", "My leg is numb.", "Can I eat before it?", "I can't pee, and it hurts!", "no", ""]


def test_every_change_has_one_name():
    assert len(ALL) == len(POLITE) + len(TYPED)


@pytest.mark.parametrize("name", POLITE)
@pytest.mark.parametrize("text", MESSAGES[:-1])
def test_politeness_stands_around_the_message_and_changes_no_word_of_it(name, text):
    changed = POLITE[name](text)
    assert changed != text
    assert plain(text) in plain(changed)


@pytest.mark.parametrize("name", ["capitals", "lower case", "no mark at the end", "marks"])
@pytest.mark.parametrize("text", MESSAGES)
def test_case_and_marks_change_no_word(name, text):
    assert plain(TYPED[name](text)) == plain(text)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("text", MESSAGES)
def test_a_change_is_always_the_same_for_the_same_text(name, text):
    assert ALL[name](text) == ALL[name](text)


@pytest.mark.parametrize(
    "text", ["my chest hurts", "numbness between my thighs", "throwing up since yesterday morning", "HEADache again"]
)
def test_a_slip_swaps_two_neighbours_in_one_longer_word(text):
    changed = slip(text)
    off = [index for index, pair in enumerate(zip(text, changed, strict=True)) if pair[0] != pair[1]]
    assert len(off) == 2
    assert off[1] == off[0] + 1
    assert sorted(changed) == sorted(text)
    word = next(word for word in text.split() if word not in changed.split())
    assert len(word) >= invariance.LONG_WORD


def test_a_slip_spares_the_first_letter_and_short_words():
    assert slip("my leg is numb") == "my leg is numb"
    for text in MESSAGES:
        assert [word[:1] for word in slip(text).split()] == [word[:1] for word in text.split()]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("My leg is numb.", "my leg is numb period"),
        ("Can I eat?", "can i eat question mark"),
        ("Help!", "help exclamation point"),
        ("I can't pee, and it hurts", "i can't pee and it hurts period"),
        ("It is 101.5 now. Bad!", "it is 101.5 now bad exclamation point"),
    ],
)
def test_a_telephone_hears_no_capitals_and_a_mark_as_its_name(text, heard):
    assert dictated(text) == heard
