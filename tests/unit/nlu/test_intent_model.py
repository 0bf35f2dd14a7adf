"""The topic model, trained here on a handful of sentences."""

import numpy as np
import pytest

from patchline.nlu.heads import Head
from patchline.nlu.intent_model import SPARSE_WEIGHT_ADAPTED, IntentModel, Prediction, sparse_weight
from patchline.nlu.sparse import Words
from tests.sentences import TOPICS, pairs

TEXTS, LABELS = pairs(TOPICS)


@pytest.fixture(scope="module")
def model(encoder):
    return IntentModel.fit(TEXTS, LABELS, encoder)


@pytest.mark.parametrize(
    ("text", "intent"),
    [("am I allowed to eat in the morning", "faq/eating_drinking"), ("who will drive me", "faq/ride_home")],
)
def test_a_new_wording_is_understood(model, text, intent):
    assert model.predict(text).intent == intent


def test_a_meaning_without_a_shared_word_is_understood(model):
    assert model.predict("skip lunch?").intent == "faq/eating_drinking"


def test_probabilities_sum_to_one_best_first(model):
    values = [value for _, value in model.predict("what should i wear").ranking]
    assert sum(values) == pytest.approx(1, abs=1e-3)
    assert values == sorted(values, reverse=True)


def test_what_is_far_from_every_topic_has_a_lower_score(model):
    assert model.predict("the stock market fell today").score < model.predict("can I eat something").score


def test_the_score_is_the_best_topic_less_out_of_scope_and_the_nearness_of_an_example(model, encoder):
    found = model.predict("who won the pizza")
    assert found.intent == "out_of_scope"
    ranking = dict(found.ranking)
    outside, best = ranking.pop("out_of_scope"), max(ranking.values())
    ours = encoder.encode([text for text, label in zip(TEXTS, LABELS, strict=True) if label != "out_of_scope"])
    nearest = float((ours @ encoder.encode(["who won the pizza"])[0]).max())
    assert found.score == pytest.approx(best - outside + nearest, abs=1e-5)


def test_several_messages_are_understood_as_each_alone(model):
    together = model.predict_all(["can i eat", "drive home"])
    assert dict(together[1].ranking) == pytest.approx(dict(model.predict("drive home").ranking))
    assert together[1].score == pytest.approx(model.predict("drive home").score)


def test_fewer_than_three_intents_are_refused(encoder):
    with pytest.raises(ValueError, match="at least three intents"):
        IntentModel.fit(["a", "b"], ["x", "y"], encoder)


def test_words_count_more_where_there_are_more_examples():
    assert sparse_weight(10) == pytest.approx(0.4)
    assert 0.4 < sparse_weight(30) < 0.6
    assert sparse_weight(10_000) == pytest.approx(0.6)


def test_probability_sums_over_all_intents_that_match():
    prediction = Prediction((("faq/a", 0.3), ("faq/b", 0.2), ("greet", 0.5)), 1.0)
    assert prediction.probability(lambda intent: intent.startswith("faq/")) == pytest.approx(0.5)


@pytest.fixture(scope="module")
def taught(encoder):
    """A head as the encoder was taught with, which takes every talk of food for one of clothes."""
    names = ["an old topic", *sorted(TOPICS)]
    weight = np.zeros((384, len(names)))
    weight[:, names.index("faq/clothing")] = encoder.encode(["can i eat before"])[0]
    return Head(names, weight, np.zeros(len(names)))


def test_with_a_head_that_was_taught_it_goes_on_from_there_and_the_words_count_less(model, encoder, taught):
    start = IntentModel.fit(TEXTS, LABELS, encoder, start=taught)
    assert start.weight == SPARSE_WEIGHT_ADAPTED < model.weight
    assert start.intents == sorted(TOPICS), "a topic that nobody teaches any more is forgotten"
    assert start.predict("can i eat before").intent == "faq/eating_drinking"
    said = encoder.encode(["shall I bring snacks"])
    clothing = start.intents.index("faq/clothing")
    anew = IntentModel.fit(TEXTS, LABELS, encoder, start=Head([], np.zeros((384, 0)), np.zeros(0)))
    assert start.head.probabilities(said)[0, clothing] > anew.head.probabilities(said)[0, clothing]


def test_a_vocabulary_that_is_shared_is_used(encoder):
    words = Words.learn(TEXTS)
    assert IntentModel.fit(TEXTS, LABELS, encoder, words).words is words
