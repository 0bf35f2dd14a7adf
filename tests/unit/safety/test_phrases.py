import pytest

from patchline.safety.phrases import PhraseError, parse

LISTS = {"leg": ("leg", "foot", "lower leg"), "say": ("cant",)}


def words(phrase):
    return [[set(step.words) or step.gap for step in alternative.steps] for alternative in phrase.alternatives]


def test_single_words_of_a_list_share_a_place_and_longer_entries_have_their_own():
    assert words(parse("<leg> numb", LISTS)) == [[{"leg", "foot"}, {"numb"}], [{"lower"}, {"leg"}, {"numb"}]]


def test_a_slash_offers_words_and_lists():
    assert words(parse("numb/<say>", LISTS)) == [[{"numb", "cant"}]]


def test_dots_are_up_to_three_words_or_as_many_as_written():
    assert words(parse("a ... b ...6 c", LISTS)) == [[{"a"}, 3, {"b"}, 6, {"c"}]]


def test_a_question_mark_makes_a_word_optional_and_alone_ends_a_question():
    optional = parse("the? leg ?", LISTS).alternatives[0]
    assert [step.optional for step in optional.steps] == [True, False, False]
    assert optional.required == (frozenset({"leg"}), frozenset({"?"}))


def test_numbers_are_written_by_what_they_may_be():
    assert words(parse("<fever_number>/<maybe_fever> <year>", {})) == [[{"#fever", "#maybe"}, {"#year"}]]


def test_a_gap_in_a_token_pattern_stops_at_the_end_of_a_sentence_and_at_not():
    gap = parse("a ... b", {}).alternatives[0].token_pattern()[1]
    assert {".", "?", "not", "but", ","} <= set(gap["LOWER"]["NOT_IN"])
    assert gap["OP"] == "{0,3}"


def test_a_sentence_start_is_part_of_the_token_pattern():
    assert parse("^ numb $", {}).alternatives[0].token_pattern() == [{"LOWER": "numb", "IS_SENT_START": True}]
    assert parse("^ numb $", {}).at_end


@pytest.mark.parametrize("text", ["", "^ $", "...", "... a", "a ...", "a ...0 b", "A", "a-b", "<b>", "a?", "ñ", "2nd"])
def test_a_phrase_that_cannot_match_is_refused(text):
    with pytest.raises(PhraseError):
        parse(text, LISTS)
