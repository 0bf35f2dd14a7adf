"""The view of a message by its words and letters: TF-IDF and one regression a class.

Robust to spelling, sharp on names. Trained by liblinear, one class against the rest, and read without scikit-learn's
matrices, which cost more than the sums.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from patchline.nlu.encoder import CORES

REST = ""  # stands for all classes of the other cores
C = 30.0  # inverse regularisation, chosen on the development set
TOLERANCE = 0.01  # of the fit; a tenth of the time of a finer one, and the same answers
VECTORIZERS = (
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "min_df": 2, "sublinear_tf": True},
    {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 4, "sublinear_tf": True},
)


class Words:
    """The vocabulary of the training sentences: which features a message has. Shared by all regressions on them."""

    def __init__(self, vectorizers: list[TfidfVectorizer]) -> None:
        self._vectorizers = vectorizers
        offsets = np.cumsum([0, *(len(item.vocabulary_) for item in vectorizers)])
        self._readers = [
            (item.build_analyzer(), item.vocabulary_, item.idf_.astype(np.float32), int(offset))
            for item, offset in zip(vectorizers, offsets, strict=False)
        ]

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Words:
        return cls([TfidfVectorizer(**options).fit(texts) for options in VECTORIZERS])

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """All features of many sentences, for training."""
        return hstack([vectorizer.transform(texts) for vectorizer in self._vectorizers]).tocsr()

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Indices and values of the features that one message has: scikit-learn's `transform`, a test compares them."""
        places, values = [], []
        for analyse, vocabulary, idf, offset in self._readers:
            counts = Counter(vocabulary[term] for term in analyse(text) if term in vocabulary)
            if counts:
                found = np.fromiter(counts, int, len(counts))
                weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[found]
                places.append(found + offset)
                values.append(weights / np.linalg.norm(weights))
        if not places:
            return np.empty(0, int), np.empty(0, np.float32)
        return np.concatenate(places), np.concatenate(values)

    def known(self, text: str) -> float:
        """Share of the words of a text that some training sentence has."""
        words = re.findall(r"\w+", text.lower())
        return sum(word in self._vectorizers[0].vocabulary_ for word in words) / len(words) if words else 1.0

    def stored(self) -> tuple[list[dict[str, int]], dict[str, np.ndarray]]:
        """Vocabularies for a JSON file, and arrays."""
        words = [{term: int(index) for term, index in item.vocabulary_.items()} for item in self._vectorizers]
        return words, {f"idf{number}": item.idf_ for number, item in enumerate(self._vectorizers)}

    @classmethod
    def restored(cls, words: list[dict[str, int]], arrays: dict[str, Any]) -> Words:
        vectorizers = []
        for number, (options, vocabulary) in enumerate(zip(VECTORIZERS, words, strict=True)):
            vectorizer = TfidfVectorizer(**options, vocabulary=vocabulary)
            vectorizer.idf_ = arrays[f"idf{number}"]
            vectorizers.append(vectorizer)
        return cls(vectorizers)


class SparseHead:
    """Regressions on `Words`: `weight` (features, classes), `bias` (classes)."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray) -> None:
        self.weight, self.bias = weight, bias

    @classmethod
    def fit(cls, features: csr_matrix, labels: Sequence[str]) -> SparseHead:
        """Classes in the order of `sorted(set(labels))`."""
        weight, bias = _one_against_rest(features, labels)
        return cls(np.ascontiguousarray(weight.T.astype(np.float32)), bias.astype(np.float32))

    def probabilities(self, features: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Of one message; sums to 1."""
        places, values = features
        margins = self.bias + values @ self.weight[places] if len(places) else self.bias
        one_against_rest = 1 / (1 + np.exp(-margins))
        return one_against_rest / one_against_rest.sum()


def _one_against_rest(features: csr_matrix, labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (classes, features) and biases (classes) of one regression a class against all others, classes sorted.

    liblinear fits them: as good here as the joint fit and eight times faster. Each regression knows only "this one" and
    "the rest", so each core takes some classes, and sees those of the other cores as one more.
    """
    classes = sorted(set(labels))
    cores = min(CORES, len(classes) // 3) or 1  # two classes would be one regression, of the other sign
    shares = [set(classes[start::cores]) for start in range(cores)]

    def fit(mine: set[str]) -> dict[str, tuple[np.ndarray, float]]:
        own = [label if label in mine else REST for label in labels]
        fitted = LogisticRegression(C=C, solver="liblinear", tol=TOLERANCE).fit(features, own)
        weights, biases = fitted.coef_, fitted.intercept_
        if len(weights) == 1:  # of two classes only the second is fitted; the first is its opposite
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        return dict(zip(fitted.classes_, zip(weights, biases, strict=True), strict=True))

    with ThreadPoolExecutor(len(shares)) as pool:  # liblinear runs outside of Python's lock
        found = {label: fitted for part in pool.map(fit, shares) for label, fitted in part.items()}
    return np.array([found[label][0] for label in classes]), np.array([found[label][1] for label in classes])
