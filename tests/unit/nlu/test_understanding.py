"""Decisions about a message, with predictions given by hand."""

import pytest

from patchline.nlu.intent_model import Prediction
from patchline.nlu.understanding import FALLBACK, SEVERAL, Thresholds, understand

STORY = "and then " * 30 + "may i eat."  # longer than what the encoder reads whole
LIMITS = Thresholds(understood=0.6, out_of_scope=0.5, part=0.5, red_flag=0.4, red_flag_part=0.7)
REST = ("greet", 0.0)


def model(**predictions):
    """A predictor that knows these texts; `(intent, probability, score)` each, the rest goes to another intent."""

    def predict(texts):
        return [
            Prediction(tuple(sorted([(intent, value), ("thanks", 1 - value)], key=lambda item: -item[1])), score)
            for intent, value, score in (predictions[text.replace(" ", "_").rstrip("?.")] for text in texts)
        ]

    return predict


def test_a_clear_question_is_its_topic():
    found = understand("how long flat", model(how_long_flat=("faq/lie_flat", 0.9, 1.7)), LIMITS)
    assert (found.intent, found.topics) == ("faq/lie_flat", ("faq/lie_flat",))


def test_a_message_that_is_near_nothing_is_not_understood():
    found = understand("hm well", model(hm_well=("faq/lie_flat", 0.7, 0.5)), LIMITS)
    assert (found.intent, found.topics) == (FALLBACK, ())


def test_a_message_that_is_certainly_not_ours_is_out_of_scope_however_near_it_is():
    found = understand("pizza please", model(pizza_please=("out_of_scope", 0.8, 1.4)), LIMITS)
    assert found.intent == "out_of_scope"


def test_two_clear_questions_are_both_topics_in_the_order_of_asking():
    predict = model(
        **{
            "how_long_is_it_and_can_i_eat": ("faq/duration", 0.6, 1.2),
            "how_long_is_it": ("faq/duration", 0.8, 1.5),
            "can_i_eat": ("faq/eating_drinking", 0.9, 1.6),
        }
    )
    found = understand("how long is it and can i eat", predict, LIMITS)
    assert (found.intent, found.topics) == (SEVERAL, ("faq/duration", "faq/eating_drinking"))


def test_a_statement_beside_a_question_is_not_a_second_question():
    predict = model(
        **{
            "I_take_pills._Can_i_eat": ("faq/eating_drinking", 0.7, 1.4),
            "I_take_pills": ("faq/medications", 0.9, 1.6),
            "Can_i_eat": ("faq/eating_drinking", 0.9, 1.6),
        }
    )
    assert understand("I take pills. Can i eat?", predict, LIMITS).intent == "faq/eating_drinking"


def test_the_question_in_an_unclear_story_is_answered():
    predict = model(
        **{
            "My_week_was_odd._Can_i_eat": ("faq/recovery", 0.2, 0.5),
            "My_week_was_odd": ("faq/recovery", 0.2, 0.4),
            "Can_i_eat": ("faq/eating_drinking", 0.9, 1.6),
        }
    )
    assert understand("My week was odd. Can i eat?", predict, LIMITS).intent == "faq/eating_drinking"


@pytest.mark.parametrize(("probability", "tier"), [(0.45, "clinic"), (0.35, None)])
def test_a_warning_sign_is_raised_from_its_threshold_on(probability, tier):
    found = understand("leg odd", model(leg_odd=("red_flag/clinic", probability, 1.0)), LIMITS)
    assert found.red_flag == tier


def test_a_warning_sign_in_one_part_of_a_long_message_is_raised():
    predict = model(
        **{
            f"{STORY} I cannot pee".replace(" ", "_"): ("faq/eating_drinking", 0.8, 1.4),
            STORY.replace(" ", "_").rstrip("."): ("faq/eating_drinking", 0.9, 1.6),
            "I_cannot_pee": ("red_flag/emergency", 0.9, 1.5),
        }
    )
    assert understand(f"{STORY} I cannot pee", predict, LIMITS).red_flag == "emergency"
