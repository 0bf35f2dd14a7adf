"""How a decision is told to a nurse, from readings that are made by hand."""

from dataclasses import replace

import pytest

from patchline.trial.insight import Insight, Neighbour, Outcome, Signs, Topic, percent, told, told_by_rules

TEXT = "Hi, no, my leg is numb 😢 thank you!"
RANKING = [("faq/symptoms", 0.41), ("faq/numbing", 0.3), ("deny", 0.2), ("faq/recovery", 0.001)]
NUMB = Insight(
    text=TEXT,
    rules=["Message:  Hi, no, my [leg is numb]1 😢 thank you!", '1. "leg is numb": leg-numb (clinic)'],
    by_rules="The patient is told to call the clinic today.",
    signs=Signs(0.976, 0.88, 0.914, {"clinic": 0.934, "emergency": 0.064, "crisis": 0.0004}, readings=2),
    nearest=[
        Neighbour("my leg is numb now", "red_flag/clinic", 0.914),
        Neighbour("is a numb leg normal", "faq/symptoms", 0.9),
        Neighbour("numb foot", "red_flag/clinic", 0.805),
    ],
    topic=Topic("faq/symptoms", RANKING, ["faq/symptoms"]),
    outcome=Outcome("raise", "red_flag/clinic", ["a warning sign of 91%", "at least 50%, so it is raised"], "clinic"),
)


def lines(**changes):
    return told(replace(NUMB, **changes)).splitlines()


def answered(answer, decision="answer", **more):
    return lines(outcome=Outcome(decision, answer, ["below 10%, so the message is answered"], **more))


def test_the_message_comes_first_then_what_politeness_was_left_aside():
    assert lines()[:3] == [
        "Message:  Hi, no, my [leg is numb]1 😢 thank you!",
        'Aside:    "Hi," and "😢 thank you!": politeness; "no, my leg is numb" is read',
        '          "no,": an answer; it is read with and without that',
    ]


@pytest.mark.parametrize("text", ["my leg is numb", "thank you so much!"])
def test_without_politeness_or_with_nothing_else_there_is_none_to_leave_aside(text):
    assert lines(text=text)[1] == "Aside:    no politeness"


def test_what_the_rules_say_stays_and_what_they_alone_would_do_is_told_as_such():
    found = lines()
    assert '1. "leg is numb": leg-numb (clinic)' in found
    assert "By rules: The patient is told to call the clinic today." in found


def test_the_probability_is_told_by_meaning_by_words_and_calibrated():
    text = "\n".join(lines())
    assert "Model:    a warning sign now: 98% by meaning, 88% by words (of 2 readings the strongest)\n" in text
    assert "          91% together with the rules, calibrated on messages as patients write them\n" in text


def test_one_reading_needs_no_word_about_the_strongest():
    assert "Model:    a warning sign now: 98% by meaning, 88% by words" in lines(signs=replace(NUMB.signs, readings=1))


def test_the_share_of_each_tier_is_told_the_likeliest_first():
    assert "          if it is one: clinic 93%, emergency 6.4%, crisis under 0.1%" in lines()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "under 0.1%"), (0.012, "1.2%"), (0.0996, "10%"), (0.476, "48%"), (0.99, "99%"), (1.0, "over 99%")],
)
def test_a_small_share_has_a_decimal_and_none_is_certain(share, said):
    assert percent(share) == said


def test_where_no_model_has_looked_the_reason_stands_there():
    assert "Model:    not in Spanish" in lines(signs=None, unseen="not in Spanish")


def test_the_nearest_examples_stand_below_each_other_with_intent_and_cosine():
    assert "\n".join(lines()).count("Nearest:") == 1
    assert [line for line in lines() if "0.9" in line and '"' in line] == [
        'Nearest:  0.91  red_flag/clinic  "my leg is numb now"',
        '          0.90  faq/symptoms     "is a numb leg normal"',
    ]


def test_the_topic_model_is_told_with_its_topics_and_the_next_best_two():
    found = lines()
    start = found.index("Topic:    faq/symptoms 41%")
    assert found[start + 1 : start + 3] == [
        "          topics: faq/symptoms",
        "          next best: faq/numbing 30%, deny 20%",
    ]


def test_the_answers_to_several_questions_are_named():
    topic = Topic("several_questions", RANKING, ["faq/a", "faq/b"])
    found = lines(topic=topic, outcome=Outcome("answer", "several_questions", ["below 10%"]))
    assert found[-1] == "Outcome:  No alert; the message is answered like any other: faq/a, faq/b."


def test_several_questions_are_told_with_the_topics_that_are_left_out():
    found = "\n".join(lines(topic=Topic("several_questions", RANKING, ["faq/a", "faq/b"], ["faq/c"])))
    assert "Topic:    several_questions\n          topics: faq/a, faq/b\n" in found
    assert "          beyond what one reply answers: faq/c\n" in found
    assert "          likeliest: faq/symptoms 41%, faq/numbing 30%, deny 20%\n" in found


def test_a_message_that_is_not_understood_says_so_and_has_no_topic():
    found = "\n".join(lines(topic=Topic("nlu_fallback", RANKING)))
    assert "Topic:    nlu_fallback (not understood)\n          topics: none\n          likeliest: faq/symptoms" in found


def test_the_decision_stands_last_with_its_reasons():
    assert lines()[-3:] == [
        "Decided:  a warning sign of 91%",
        "          at least 50%, so it is raised",
        "Outcome:  The patient is told to call the clinic today.",
    ]


def test_a_raised_sign_says_for_whom_and_in_which_language():
    raised = answered("red_flag/emergency", "raise", tier="emergency", relative=True, language="es")[-1]
    assert raised.startswith("Outcome:  The patient is told to call 911 now. It is written for somebody else")
    assert raised.endswith("In Spanish.")


@pytest.mark.parametrize(
    ("answer", "decision", "outcome"),
    [
        ("faq/lie_flat", "answer", "No alert; the message is answered like any other: faq/lie_flat."),
        ("check", "check", "In doubt: the patient gets one short check and the clinic line."),
        ("check", "answer", "Alarming but vague: the patient gets one short check and the clinic line."),
        ("what_if", "answer", "Nothing is present: the patient gets the call list and is asked"),
        ("spanish", "answer", "No alert; in Spanish, which the models do not know: the patient gets the clinic line."),
    ],
)
def test_every_outcome_has_its_sentence(answer, decision, outcome):
    assert answered(answer, decision)[-1].startswith(f"Outcome:  {outcome}")


@pytest.mark.parametrize(
    ("answer", "why"), [("check", "alarming"), ("what_if", "only asked about"), ("spanish", "in Spanish")]
)
def test_what_an_answer_gives_way_to_is_one_more_reason(answer, why):
    assert answered(answer)[-2].startswith("          but ")
    assert why in answered(answer)[-2]
    assert "but" not in answered(answer, "check")[-2]


def test_what_the_topic_model_says_itself_gives_way_to_nothing():
    found = lines(topic=Topic("what_if", RANKING, ["what_if"]), outcome=Outcome("answer", "what_if", ["below 10%"]))
    assert found[-2] == "Decided:  below 10%"


def test_the_rules_alone_say_that_they_are_alone():
    assert told_by_rules(["Message:  hello"], "No alert.", "there is no model.").splitlines() == [
        "Message:  hello",
        "Decided:  by the rules alone: there is no model.",
        "Outcome:  No alert.",
    ]
