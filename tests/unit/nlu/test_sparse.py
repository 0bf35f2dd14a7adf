"""The view by words: the same figures as scikit-learn's, by a shorter way."""

import json

import numpy as np
import pytest
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from patchline.nlu import sparse
from patchline.nlu.sparse import TOLERANCE, VECTORIZERS, SparseHead, Words
from patchline.nlu.sparse import C as STRENGTH
from tests.sentences import TOPICS, pairs

TEXTS, LABELS = pairs(TOPICS)
SAID = ("can i eat eat EAT before", "who drives", "Can I  TAKE the bus?!", "", "zzz qqq")


@pytest.fixture(scope="module")
def words():
    return Words.learn(TEXTS)


def dense(features, width):
    row = np.zeros(width, np.float32)
    row[features[0]] = features[1]
    return row


@pytest.mark.parametrize("text", SAID)
def test_the_short_way_to_features_gives_scikit_learns_figures(words, text):
    vectorizers = [TfidfVectorizer(**options).fit(TEXTS) for options in VECTORIZERS]
    expected = hstack([item.transform([text]) for item in vectorizers]).toarray()[0]
    assert dense(words.features(text), len(expected)) == pytest.approx(expected, abs=1e-6)


def test_the_short_way_to_probabilities_gives_scikit_learns_figures(words):
    features = words.matrix(TEXTS)
    head = SparseHead.fit(features, LABELS)
    reference = LogisticRegression(C=STRENGTH, solver="liblinear", tol=TOLERANCE).fit(features, LABELS)
    for text in SAID:
        expected = reference.predict_proba(words.matrix([text]))[0]
        assert head.probabilities(words.features(text)) == pytest.approx(expected, abs=1e-4)


def test_probabilities_sum_to_one_also_where_no_word_is_known(words):
    head = SparseHead.fit(words.matrix(TEXTS), LABELS)
    assert len(words.features("zzz qqq")[0]) == 0
    for text in SAID:
        assert head.probabilities(words.features(text)).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("cores", [1, 2, 3, 8])
def test_a_class_is_learnt_the_same_on_any_number_of_cores(monkeypatch, cores):
    texts = [f"{text} {number}" for text in TEXTS for number in range(3)]
    labels = [f"{label} {index % 2}" for index, label in enumerate(label for label in LABELS for _ in range(3))]
    features = TfidfVectorizer().fit_transform(texts)
    monkeypatch.setattr(sparse, "TOLERANCE", 1e-8)
    whole = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-8).fit(features, labels)
    monkeypatch.setattr(sparse, "CORES", cores)
    weights, biases = sparse._one_against_rest(features, labels)
    assert len(biases) == 8
    assert weights == pytest.approx(whole.coef_, abs=1e-4)
    assert biases == pytest.approx(whole.intercept_, abs=1e-4)


def test_two_classes_are_each_others_opposite(words):
    """What a clinic teaches that has kept one tier alone."""
    labels = ["none" if label == "out_of_scope" else "clinic" for label in LABELS]
    head = SparseHead.fit(words.matrix(TEXTS), labels)
    assert head.weight.shape[1] == 2
    ours, other = head.probabilities(words.features("may I have breakfast"))
    assert ours > 0.7
    assert ours + other == pytest.approx(1, abs=1e-5)
    assert head.probabilities(words.features("tell me a joke"))[1] > 0.7


def test_a_vocabulary_comes_back_from_a_file_as_it_was(words):
    vocabularies, arrays = words.stored()
    again = Words.restored(json.loads(json.dumps(vocabularies)), arrays)
    for text in SAID:
        for before, after in zip(words.features(text), again.features(text), strict=True):
            assert np.array_equal(before, after)
