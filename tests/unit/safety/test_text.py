from hypothesis import given, settings
from hypothesis import strategies as st

from patchline.safety.text import clean, has_words

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=60)
INVISIBLE = "\x00\x07\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u061c\ufeff\u00ad\ufe0f\U000e0041"


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_has_no_invisible_character_or_run_of_spaces(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")  # no lone surrogate is left
    assert not set(cleaned) & set(INVISIBLE)
    assert cleaned == " ".join(cleaned.split())


def test_zero_width_and_bidi_marks_cannot_hide_a_word():
    assert clean("n" + INVISIBLE.join("umb") + " l\u202eegs") == "numb legs"


def test_full_width_letters_and_ligatures_become_plain_ones():
    assert clean("／ｆａｑ ﬁne №") == "/faq fine No"


def test_line_breaks_tabs_and_hard_spaces_become_single_spaces():
    assert clean("\n one\r\n\t two\u00a0\u2003three\u2028") == "one two three"


def test_a_lone_surrogate_or_a_nul_is_dropped():
    assert clean("a\ud800b\x00c") == "abc"


def test_letters_of_other_scripts_and_accents_stay():
    assert clean("me duele la cabe\u0301za, 头痛") == "me duele la cabéza, 头痛"


def test_an_invisible_filler_is_not_a_word():
    assert clean("\u3164\uffa0\u115f") == ""


def test_emoji_and_punctuation_alone_are_no_words():
    assert not has_words(clean("😢😢 ?!… ❤️"))
    assert not has_words("")


def test_a_single_digit_or_letter_is_a_word():
    assert has_words("7")
    assert has_words("痛")
