"""The intent model, trained here on a handful of sentences."""

import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from patchline.nlu import intent_model
from patchline.nlu.intent_model import SPARSE_C, VECTORIZERS, IntentModel, Prediction, sparse_weight

SENTENCES = {
    "faq/eating_drinking": ["can i eat before", "may I have breakfast", "is coffee ok before it", "food and drink?"],
    "faq/ride_home": ["who drives me home", "do i need a driver", "can I take the bus home", "is a taxi fine after"],
    "faq/clothing": ["what should I wear", "which clothes", "is a dress ok", "do I wear a gown"],
    "out_of_scope": ["who won the match", "tell me a joke", "what is the capital of France", "pizza near me"],
}


@pytest.fixture(scope="module")
def model(encoder):
    texts = [text for group in SENTENCES.values() for text in group]
    labels = [intent for intent, group in SENTENCES.items() for _ in group]
    return IntentModel.fit(texts, labels, encoder)


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


def test_a_saved_model_answers_exactly_as_before(model, encoder, tmp_path):
    model.save(tmp_path)
    again = IntentModel.load(tmp_path, encoder)
    for text in ("can i eat", "drive home", "joke"):
        before, after = model.predict(text), again.predict(text)
        assert [name for name, _ in after.ranking] == [name for name, _ in before.ranking]
        assert after.score == pytest.approx(before.score)


def test_a_saved_model_holds_no_pickle(model, tmp_path):
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["intents.json", "intents.npz"]


def test_fewer_than_three_intents_are_refused(encoder):
    with pytest.raises(ValueError, match="at least three intents"):
        IntentModel.fit(["a", "b"], ["x", "y"], encoder)


def test_words_count_more_where_there_are_more_examples():
    assert sparse_weight(10) == pytest.approx(0.4)
    assert 0.4 < sparse_weight(30) < 0.6
    assert sparse_weight(10_000) == pytest.approx(0.6)


def test_probability_sums_over_all_intents_that_match():
    prediction = Prediction((("red_flag/clinic", 0.3), ("red_flag/crisis", 0.2), ("greet", 0.5)), 1.0)
    assert prediction.probability(lambda intent: intent.startswith("red_flag/")) == pytest.approx(0.5)


def test_the_short_way_to_probabilities_gives_scikit_learns_figures(encoder):
    texts = [text for group in SENTENCES.values() for text in group]
    labels = [intent for intent, group in SENTENCES.items() for _ in group]
    model = IntentModel.fit(texts, labels, encoder)
    vectorizers = [TfidfVectorizer(**options).fit(texts) for options in VECTORIZERS]
    features = hstack([item.transform(texts) for item in vectorizers]).tocsr()
    reference = LogisticRegression(C=SPARSE_C, solver="liblinear").fit(features, labels)
    for text in ("can i eat eat EAT before", "who drives", "", "zzz qqq"):
        expected = reference.predict_proba(hstack([item.transform([text]) for item in vectorizers]))[0]
        assert model._from_sparse(text) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_an_intent_is_learnt_the_same_on_any_number_of_cores(monkeypatch, cores):
    texts = [f"{text} {number}" for group in SENTENCES.values() for text in group for number in range(3)]
    labels = [intent for intent, group in SENTENCES.items() for _ in group for _ in range(3)]
    features = TfidfVectorizer().fit_transform(texts)
    whole = LogisticRegression(C=SPARSE_C, solver="liblinear").fit(features, labels)
    monkeypatch.setattr(intent_model, "CORES", cores)
    weights, biases = intent_model._one_against_rest(features, labels)
    assert weights == pytest.approx(whole.coef_, abs=1e-6)
    assert biases == pytest.approx(whole.intercept_, abs=1e-6)
