"""The intent model: what a message asks for, and whether it is one of our topics at all.

Two views of a message are averaged late: TF-IDF of words and character n-grams (robust to spelling, sharp on names of
things) and the sentence encoder (meaning without shared words). How near the closest training example lies tells what
is out of scope. Why this one: docs/decisions/0003-intent-model.md; figures: evaluation/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from patchline.nlu.encoder import Encodes
from patchline.nlu.heads import SHARPNESS, Head, arranged, fit
from patchline.nlu.sparse import SparseHead, Words

OUT_OF_SCOPE = "out_of_scope"
SPARSE_WEIGHT = (0.4, 0.6)  # of TF-IDF in the late average, with ten and with a hundred examples an intent
SPARSE_WEIGHT_ADAPTED = 0.35  # the same beside a head that the encoder was taught with
DENSE_C = 10.0  # inverse regularisation of a head that is fitted anew
TRUST = 0.3  # of one sentence against what the head has learnt with the encoder


@dataclass(frozen=True)
class Prediction:
    """One message, understood.

    `ranking` holds every intent with its probability, best first (they sum to 1). `score` says how surely the message
    is one of ours: probability of the best topic, less that of `out_of_scope`, plus the cosine to the nearest training
    example; about -1 to 2, low means out of scope.
    """

    ranking: tuple[tuple[str, float], ...]
    score: float

    @property
    def intent(self) -> str:
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        return self.ranking[0][1]

    def probability(self, matches: Callable[[str], bool]) -> float:
        """Summed probability of all intents for which `matches(intent)` holds."""
        return sum(value for intent, value in self.ranking if matches(intent))


class IntentModel:
    """Trained by `fit`, kept with `stored` and `restored` (plain arrays, no pickle).

    >>> IntentModel.fit(texts, labels, encoder).predict("how long do i lie flat").intent
    'faq/lie_flat'
    """

    def __init__(
        self, head: Head, sparse: SparseHead, weight: float, examples: np.ndarray, words: Words, encoder: Encodes
    ) -> None:
        self.intents, self.head, self.sparse, self.weight = head.names, head, sparse, weight
        self.examples, self.words, self.encoder = examples, words, encoder
        self._out_of_scope = self.intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in self.intents else None

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        encoder: Encodes,
        words: Words | None = None,
        start: Head | None = None,
    ) -> IntentModel:
        """Train on sentences and their intents; a few seconds per thousand. Raises `ValueError` below three intents.

        `words`: the vocabulary, where it is shared with another model. `start`: the head that the encoder was taught
        with.
        """
        names = sorted(set(labels))
        if len(names) < 3:
            raise ValueError(f"an intent model needs at least three intents, not {names}")
        vectors = encoder.encode(texts)
        words = words or Words.learn(texts)
        sparse = SparseHead.fit(words.matrix(texts), labels)
        weight = SPARSE_WEIGHT_ADAPTED if start else sparse_weight(len(texts) / len(names))
        head = fit(vectors, _shares(labels, names), arranged(start, names, vectors.shape[1]), TRUST) if start else None
        in_scope = np.array([label != OUT_OF_SCOPE for label in labels])
        return cls(head or _anew(vectors, labels), sparse, weight, vectors[in_scope], words, encoder)

    def predict(self, text: str) -> Prediction:
        """Understand one message."""
        return self.predict_all([text])[0]

    def predict_all(self, texts: Sequence[str]) -> list[Prediction]:
        """Understand several messages at once (the parts of one message, a development set)."""
        return self.predictions(self.encoder.encode(texts), [self.words.features(text) for text in texts])

    def predictions(self, vectors: np.ndarray, features: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Prediction]:
        """The same for texts whose vectors and features are known."""
        sparse = np.stack([self.sparse.probabilities(item) for item in features])
        probabilities = self.weight * sparse + (1 - self.weight) * self.head.probabilities(vectors)
        return [self._prediction(row, vector) for row, vector in zip(probabilities, vectors, strict=True)]

    def _prediction(self, probabilities: np.ndarray, vector: np.ndarray) -> Prediction:
        order = np.argsort(-probabilities)
        ranking = tuple((self.intents[index], float(probabilities[index])) for index in order)
        outside = float(probabilities[self._out_of_scope]) if self._out_of_scope is not None else 0.0
        best = next(value for intent, value in ranking if intent != OUT_OF_SCOPE)
        nearest = float((self.examples @ vector).max())
        return Prediction(ranking, best - outside + nearest)


def _shares(labels: Sequence[str], names: Sequence[str]) -> np.ndarray:
    places = {name: index for index, name in enumerate(names)}
    return np.eye(len(names))[[places[label] for label in labels]]


def _anew(vectors: np.ndarray, labels: Sequence[str]) -> Head:
    """A head for vectors that were not taught with one."""
    fitted = LogisticRegression(C=DENSE_C, max_iter=500, tol=1e-3).fit(vectors, labels)
    names = [str(intent) for intent in fitted.classes_]
    return Head(names, fitted.coef_.T.astype(np.float32) / SHARPNESS, fitted.intercept_.astype(np.float32))


def sparse_weight(examples_per_intent: float) -> float:
    """How much TF-IDF counts: words need examples to be learnt from, the encoder brings its knowledge along.

    >>> sparse_weight(10), sparse_weight(1000)
    (0.4, 0.6)
    """
    few, many = SPARSE_WEIGHT
    return float(np.clip(few + (many - few) * np.log10(max(examples_per_intent, 1) / 10), few, many))
