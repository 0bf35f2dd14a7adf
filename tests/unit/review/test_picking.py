"""Which messages are worth a look."""

import pytest

from patchline.review.picking import Told, askable, pick, worth

SURE = {"intent": "faq/activity", "confidence": 0.9}


def test_a_good_answer_to_a_clear_question_is_left_alone():
    assert pick(Told("can i lift my baby", SURE, "faq/activity", None), 0.9) is None
    assert pick(Told("can i lift my baby", SURE, "faq/activity", True), 0.9) is None


@pytest.mark.parametrize(
    ("told", "nearness", "reasons"),
    [
        (Told("x y z", {"intent": "nlu_fallback", "confidence": 0.3}, "fallback", None), 0.9, ("not_understood",)),
        (Told("can i lift", SURE, "faq/activity", False), 0.9, ("not_helpful",)),
        (Told("can i lift", SURE | {"confidence": 0.4}, "faq/activity", None), 0.9, ("unsure",)),
        (Told("my eye", {"intent": "check", "confidence": 0.9}, "check", None), 0.9, ("unsure",)),
        (Told("can i lift", SURE, "faq/activity", None), 0.3, ("unlike",)),
        (Told("can i lift", SURE, "faq/activity", False), 0.3, ("not_helpful", "unlike")),
    ],
)
def test_each_reason_is_named_and_the_most_telling_comes_first(told, nearness, reasons):
    assert pick(told, nearness).reasons == reasons


def test_a_warning_sign_that_the_model_sees_now_and_nobody_was_told_of_comes_before_everything():
    told = Told("leg is dead", SURE, "faq/activity", None)
    assert pick(told, 0.9, sign="clinic").reasons == ("sign",)
    raised = Told("leg is dead", SURE, "red_flag/clinic", None, tier="clinic")
    assert pick(raised, 0.9, sign="clinic") is None
    assert worth([["sign"]], [0.1]) > worth([["not_helpful"]] * 9, [1.0] * 9) > worth([["unsure"]] * 99, [1.0] * 99)


def test_names_and_numbers_that_a_form_asked_for_are_no_questions():
    asked = {"messages": [{"text": "Your name?", "buttons": [{"title": "Skip", "choice": "press_skip"}]}]}
    assert not askable(Told("Maria Lopez", SURE, None, None, before=asked))
    assert askable(Told("Maria Lopez", SURE, None, None, before={"messages": [{"text": "Hi", "buttons": []}]}))
    assert not askable(Told("???", SURE, None, None))
