from collections import Counter

import pytest

from evaluation import sets
from evaluation.messages import (
    Message,
    MessagesError,
    everyday,
    leaks,
    near_twins,
    plain,
    questions,
    training_examples,
)

DEVELOPMENT = sets.ROOT / "evaluation" / "dev" / "questions.yml"


@pytest.mark.parametrize("file", ["questions.yml", "warning_signs.yml", "unseen_signs.yml"])
def test_no_training_example_is_a_development_question(file):
    found = leaks(training_examples(sets.ROOT / "data"), questions(DEVELOPMENT.with_name(file)))
    assert not found, f"train on other words than these: {[example.text for example, _ in found]}"


def test_a_leak_is_found_whatever_its_case_and_punctuation():
    training = [Message("don't i have to  lie FLAT", "faq/lie_flat"), Message("Another one", "thanks")]
    held_out = [Message("Don’t I have to lie flat?!", "faq/lie_flat")]
    assert leaks(training, held_out) == [(training[0], held_out[0])]


def test_sentences_that_differ_by_a_word_are_different():
    assert plain("How long do I lie flat?") != plain("How long must I lie flat?")


def test_a_near_twin_is_a_sentence_that_differs_by_a_word_or_a_typo():
    training = [Message("How soon may I get behind the wheel?", "faq/ride_home")]
    held_out = [Message("how soon may i get behind the wheel again", "a"), Message("Can I drive home?", "b")]
    assert near_twins(training, held_out) == [True, False]


def test_the_development_set_has_questions_for_every_topic_that_patients_are_trained_to_ask():
    asked = Counter(message.label for message in questions(DEVELOPMENT))
    trained = {message.label for message in training_examples(sets.ROOT / "data")}
    topics = {label for label in trained if label.startswith(("faq/", "not_covered/"))}
    assert topics <= set(asked)
    assert set(asked) <= trained
    assert min(asked[topic] for topic in topics) >= 10
    assert asked["out_of_scope"] >= 100
    assert sum(asked.values()) >= 400


def test_everyday_messages_are_not_scored():
    scored = {plain(message.text) for message in questions(DEVELOPMENT)}
    assert not scored & {plain(message.text) for message in everyday(DEVELOPMENT)}


def test_training_examples_keep_the_full_name_of_a_retrieval_intent_and_lose_entity_marks(tmp_path):
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "a.yml").write_text(
        "nlu:\n"
        "- intent: faq/lie_flat\n"
        "  examples: |\n"
        "    - how long [flat](position)\n"
        '    - lie on my [side]{"entity": "position"}\n'
        "- synonym: flat\n"
        "  examples: |\n"
        "    - level\n"
    )
    assert training_examples(tmp_path) == [
        Message("how long flat", "faq/lie_flat"),
        Message("lie on my side", "faq/lie_flat"),
    ]


def test_a_line_of_examples_without_a_dash_is_an_error_that_names_the_file(tmp_path):
    (tmp_path / "a.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    hello\n")
    with pytest.raises(MessagesError, match=r"a\.yml"):
        training_examples(tmp_path)


def test_a_development_file_of_another_shape_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / "questions.yml"
    path.write_text("- hello\n")
    with pytest.raises(MessagesError, match=r"questions\.yml"):
        questions(path)
