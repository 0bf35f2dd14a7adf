"""Decisions about a message, with predictions given by hand."""

from patchline.nlu.intent_model import Prediction
from patchline.nlu.models import TextReading
from patchline.nlu.sign_model import SignReading
from patchline.nlu.understanding import FALLBACK, SEVERAL, Thresholds, understand

STORY = "and then " * 30 + "may i eat."  # longer than what the encoder reads whole
LIMITS = Thresholds(understood=0.6, out_of_scope=0.5, part=0.5, item=0.8)
REST = ("greet", 0.0)


def model(**predictions):
    """A reader that knows these texts; `(intent, probability, score)` each, the rest goes to another intent."""

    def read(texts):
        return [
            TextReading(
                Prediction(tuple(sorted([(intent, value), ("thanks", 1 - value)], key=lambda item: -item[1])), score),
                sign(0.7 if "pee" in text else 0.1),
            )
            for text, (intent, value, score) in ((text, predictions[name(text)]) for text in texts)
        ]

    return read


def name(text):
    return text.replace(" ", "_").rstrip("?.")


def sign(probability):
    return SignReading((1 - probability, 0.0, probability, 0.0), (1 - probability, 0.0, probability, 0.0))


def test_a_clear_question_is_its_topic():
    found = understand("how long flat", model(how_long_flat=("faq/lie_flat", 0.9, 1.7)), LIMITS)
    assert (found.intent, found.topics) == ("faq/lie_flat", ("faq/lie_flat",))


def test_a_message_that_is_near_nothing_is_not_understood():
    found = understand("maybe later", model(maybe_later=("faq/lie_flat", 0.7, 0.5)), LIMITS)
    assert (found.intent, found.topics) == (FALLBACK, ())


def test_a_message_that_is_certainly_not_ours_is_out_of_scope_however_near_it_is():
    found = understand("pizza tonight", model(pizza_tonight=("out_of_scope", 0.8, 1.4)), LIMITS)
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


def test_politeness_does_not_decide_what_a_message_is_about():
    read = model(can_i_eat=("faq/eating_drinking", 0.9, 1.6))
    assert understand("Hi, thanks for your help! Can i eat?".replace("Can", "can"), read, LIMITS).topics == (
        "faq/eating_drinking",
    )


def test_a_question_behind_a_yes_is_answered():
    with_rest = model(
        **{
            "yes._can_i_eat": ("affirm", 0.9, 1.6),
            "can_i_eat": ("faq/eating_drinking", 0.9, 1.6),
            "yes": ("affirm", 0.9, 1.6),
        }
    )
    assert understand("yes. can i eat?", with_rest, LIMITS).topics == ("faq/eating_drinking",)


def test_a_list_asks_for_each_of_its_items_and_names_what_is_left_out():
    texts = {
        "parking,_cost,_food,_driving": ("clinic/location", 0.4, 1.0),
        "parking": ("clinic/location", 0.9, 1.7),
        "cost": ("not_covered/cost", 0.9, 1.7),
        "food": ("faq/eating_drinking", 0.9, 1.7),
        "driving": ("faq/ride_home", 0.9, 1.7),
    }
    found = understand("parking, cost, food, driving", model(**texts), LIMITS)
    assert found.topics == ("clinic/location", "not_covered/cost", "faq/eating_drinking")
    assert found.left_out == ("faq/ride_home",)


def test_an_item_that_only_names_the_procedure_asks_nothing():
    texts = {
        "eliquis_and_blood_patch": ("faq/blood_thinners", 0.8, 1.6),
        "eliquis": ("faq/blood_thinners", 0.95, 1.8),
        "blood_patch": ("faq/what_is_it", 0.95, 1.8),
    }
    assert understand("eliquis and blood patch", model(**texts), LIMITS).topics == ("faq/blood_thinners",)


def test_what_the_sign_model_sees_is_handed_on_with_and_without_a_yes():
    texts = {
        "yes._i_cannot_pee": ("affirm", 0.9, 1.6),
        "i_cannot_pee": ("affirm", 0.9, 1.6),
        "yes": ("affirm", 0.9, 1.6),
    }
    found = understand("yes. i cannot pee", model(**texts), LIMITS)
    assert found.signs == (sign(0.7), sign(0.7))
    assert found.part_signs == ()


def test_a_part_of_a_long_message_is_looked_at_by_itself():
    read = model(
        **{
            name(f"{STORY} I cannot pee"): ("faq/eating_drinking", 0.8, 1.4),
            name(STORY): ("faq/eating_drinking", 0.9, 1.6),
            "I_cannot_pee": ("faq/eating_drinking", 0.9, 1.5),
        }
    )
    found = understand(f"{STORY} I cannot pee", read, LIMITS)
    assert found.part_signs == (sign(0.1), sign(0.7))
