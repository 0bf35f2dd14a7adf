"""The sign model: is there a warning sign now, and of which tier? It never asks what a message is about.

Two views, as in the topic model: the encoder's own head and the words. What both say, and what the rules say, becomes
one probability in `calibration`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from patchline.nlu.heads import Head, arranged, fit
from patchline.nlu.labels import NONE, SIGNS, sign_shares
from patchline.nlu.sparse import SparseHead, Words

TRUST = 0.1  # of one sentence against what the head has learnt with the encoder


@dataclass(frozen=True)
class SignReading:
    """What the two views see in one text: the probability of each of `SIGNS`, by meaning and by words."""

    meaning: tuple[float, ...]
    words: tuple[float, ...]

    @property
    def none(self) -> tuple[float, float]:
        """How likely there is no warning sign, by meaning and by words."""
        index = SIGNS.index(NONE)
        return self.meaning[index], self.words[index]

    def share(self, tier: str) -> float:
        """How much of what speaks for a warning sign speaks for this tier: 0 to 1, by meaning."""
        total = 1 - self.meaning[SIGNS.index(NONE)]
        return self.meaning[SIGNS.index(tier)] / total if total > 0 else 0.0


class SignModel:
    """Both views of the sign model, on vectors and features that the topic model shares."""

    def __init__(self, head: Head, sparse: SparseHead) -> None:
        self.head, self.sparse = head, sparse

    @classmethod
    def fit(
        cls, texts: Sequence[str], intents: Sequence[str], vectors: np.ndarray, words: Words, start: Head | None
    ) -> SignModel:
        """Train on sentences and their intents. `start`: the head that the encoder has learnt, if any."""
        shares = np.array([sign_shares(intent) for intent in intents])
        head = fit(vectors, shares, arranged(start, SIGNS, vectors.shape[1]), TRUST)
        sure = [index for index, row in enumerate(shares) if row.max() == 1]
        labels = [f"{int(shares[index].argmax())}" for index in sure]  # digits keep the order of SIGNS when sorted
        return cls(head, SparseHead.fit(words.matrix([texts[index] for index in sure]), labels))

    def read(self, vectors: np.ndarray, features: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[SignReading]:
        """One reading a text; `vectors` and `features` in the same order."""
        meaning = self.head.probabilities(vectors)
        return [
            SignReading(tuple(map(float, row)), tuple(map(float, self.sparse.probabilities(item))))
            for row, item in zip(meaning, features, strict=True)
        ]
