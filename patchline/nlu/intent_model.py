"""The intent model: what a message asks for, and whether it is one of our topics at all.

Two views of a message are averaged late: TF-IDF of words and character n-grams (robust to spelling, sharp on names of
things) and the sentence encoder (meaning without shared words). How near the closest training example lies tells what
is out of scope. Why this one: docs/decisions/0003-intent-model.md; figures: evaluation/README.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from patchline.nlu.encoder import CORES, Encoder

OUT_OF_SCOPE = "out_of_scope"
REST = ""  # stands for all intents of the other cores
SPARSE_WEIGHT = (0.4, 0.6)  # of TF-IDF in the late average, with ten and with a hundred examples an intent
SPARSE_C = 30.0  # inverse regularisation of the two regressions, chosen there too
DENSE_C = 10.0
VECTORIZERS = (
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "sublinear_tf": True},
    {"analyzer": "char_wb", "ngram_range": (2, 5), "min_df": 2, "sublinear_tf": True},
)


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
    """Trained by `fit`, kept with `save` and `load` (JSON and plain arrays, no pickle).

    >>> IntentModel.fit(texts, labels, encoder).predict("how long do i lie flat").intent
    'faq/lie_flat'
    """

    def __init__(
        self, intents: list[str], vectorizers: list[TfidfVectorizer], arrays: dict[str, np.ndarray], encoder: Encoder
    ) -> None:
        self.intents = intents
        self._vectorizers = vectorizers
        self._arrays = arrays
        self._encoder = encoder
        offsets = np.cumsum([0, *(len(item.vocabulary_) for item in vectorizers)])
        self._readers = [
            (item.build_analyzer(), item.vocabulary_, item.idf_.astype(np.float32), int(offset))
            for item, offset in zip(vectorizers, offsets, strict=False)
        ]
        self._out_of_scope = intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in intents else None

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], encoder: Encoder) -> IntentModel:
        """Train on sentences and their intents; a few seconds per thousand. Raises `ValueError` below three intents."""
        if len(set(labels)) < 3:
            raise ValueError(f"an intent model needs at least three intents, not {sorted(set(labels))}")
        vectors = encoder.encode(texts)
        vectorizers = [TfidfVectorizer(**options).fit(texts) for options in VECTORIZERS]
        features = hstack([vectorizer.transform(texts) for vectorizer in vectorizers]).tocsr()
        sparse, sparse_bias = _one_against_rest(features, labels)
        dense = LogisticRegression(C=DENSE_C, max_iter=500, tol=1e-3).fit(vectors, labels)
        intents = [str(intent) for intent in dense.classes_]
        in_scope = np.array([label != OUT_OF_SCOPE for label in labels])
        arrays = {
            "sparse": sparse.T.astype(np.float32),
            "sparse_bias": sparse_bias.astype(np.float32),
            "dense": dense.coef_.T.astype(np.float32),
            "dense_bias": dense.intercept_.astype(np.float32),
            "examples": vectors[in_scope],
            "sparse_weight": np.array(sparse_weight(len(texts) / len(intents)), np.float32),
        }
        return cls(intents, vectorizers, arrays, encoder)

    def predict(self, text: str) -> Prediction:
        """Understand one message."""
        return self.predict_all([text])[0]

    def predict_all(self, texts: Sequence[str]) -> list[Prediction]:
        """Understand several messages at once (the parts of one message, a development set)."""
        vectors = self._encoder.encode(texts)
        sparse = np.stack([self._from_sparse(text) for text in texts])
        weight = self._arrays["sparse_weight"]
        probabilities = weight * sparse + (1 - weight) * self._from_dense(vectors)
        return [self._prediction(row, vector) for row, vector in zip(probabilities, vectors, strict=True)]

    def _from_sparse(self, text: str) -> np.ndarray:
        """The regression on TF-IDF, worked out for the few features that one message has.

        The same figures as scikit-learn's `transform` and `predict_proba` (a test compares them), much faster.
        """
        margins = self._arrays["sparse_bias"].copy()
        for analyse, vocabulary, idf, offset in self._readers:
            counts = Counter(vocabulary[term] for term in analyse(text) if term in vocabulary)
            if counts:
                features = np.fromiter(counts, int, len(counts))
                values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * idf[features]
                margins += (values / np.linalg.norm(values)) @ self._arrays["sparse"][features + offset]
        one_against_rest = 1 / (1 + np.exp(-margins))
        return one_against_rest / one_against_rest.sum()

    def _from_dense(self, vectors: np.ndarray) -> np.ndarray:
        margins = vectors @ self._arrays["dense"] + self._arrays["dense_bias"]
        powers = np.exp(margins - margins.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def _prediction(self, probabilities: np.ndarray, vector: np.ndarray) -> Prediction:
        order = np.argsort(-probabilities)
        ranking = tuple((self.intents[index], float(probabilities[index])) for index in order)
        outside = float(probabilities[self._out_of_scope]) if self._out_of_scope is not None else 0.0
        best = next(value for intent, value in ranking if intent != OUT_OF_SCOPE)
        nearest = float((self._arrays["examples"] @ vector).max())
        return Prediction(ranking, best - outside + nearest)

    def save(self, folder: Path) -> None:
        """Write everything but the encoder to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        words = [{term: int(index) for term, index in item.vocabulary_.items()} for item in self._vectorizers]
        (folder / "intents.json").write_text(json.dumps({"intents": self.intents, "vocabularies": words}))
        frequencies = {f"idf{number}": item.idf_ for number, item in enumerate(self._vectorizers)}
        np.savez(folder / "intents.npz", **self._arrays, **frequencies)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> IntentModel:
        """Read what `save` wrote."""
        words = json.loads((folder / "intents.json").read_text())
        with np.load(folder / "intents.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        vectorizers = []
        for number, (options, vocabulary) in enumerate(zip(VECTORIZERS, words["vocabularies"], strict=True)):
            vectorizer = TfidfVectorizer(**options, vocabulary=vocabulary)
            vectorizer.idf_ = arrays.pop(f"idf{number}")
            vectorizers.append(vectorizer)
        return cls(words["intents"], vectorizers, arrays, encoder)


def _one_against_rest(features: csr_matrix, labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Weights (intents, features) and biases (intents) of one regression an intent against all others, intents sorted.

    liblinear fits them: as good here as the joint fit and eight times faster. Each intent's regression knows only "this
    one" and "the rest", so each core takes some intents, and sees those of the other cores as one more.
    """
    intents = sorted(set(labels))
    cores = min(CORES, len(intents) // 3) or 1  # two classes would be one regression, of the other sign
    shares = [set(intents[start::cores]) for start in range(cores)]

    def fit(mine: set[str]) -> dict[str, tuple[np.ndarray, float]]:
        own = [label if label in mine else REST for label in labels]
        fitted = LogisticRegression(C=SPARSE_C, solver="liblinear").fit(features, own)
        return dict(zip(fitted.classes_, zip(fitted.coef_, fitted.intercept_, strict=True), strict=True))

    with ThreadPoolExecutor(len(shares)) as pool:  # liblinear runs outside of Python's lock
        found = {intent: fitted for part in pool.map(fit, shares) for intent, fitted in part.items()}
    return np.array([found[intent][0] for intent in intents]), np.array([found[intent][1] for intent in intents])


def sparse_weight(examples_per_intent: float) -> float:
    """How much TF-IDF counts: words need examples to be learnt from, the encoder brings its knowledge along.

    >>> sparse_weight(10), sparse_weight(1000)
    (0.4, 0.6)
    """
    few, many = SPARSE_WEIGHT
    return float(np.clip(few + (many - few) * np.log10(max(examples_per_intent, 1) / 10), few, many))
