"""A linear head on sentence vectors: which of some classes a sentence is.

`patchline adapt` learns two of them together with the encoder. Every training fits them again to all sentences, from
there on: what was learnt stays where nothing speaks against it, and a sentence that is new moves it. A head that were
fitted anew to vectors that the encoder has learnt by heart would be sure of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

SHARPNESS = 8.0  # length of a sentence vector before a head
SIGN_HEAD, TOPIC_HEAD = "sign", "topic"
SMOOTHING = 0.05  # share of a label that goes to all others
STEPS = 60


@dataclass(frozen=True)
class Head:
    """`weight` (width, classes) and `bias` (classes) for unit vectors times `SHARPNESS`; `names` of the classes."""

    names: list[str]
    weight: np.ndarray
    bias: np.ndarray

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """Shape (sentences, classes); each row sums to 1."""
        return softmax(vectors @ (SHARPNESS * self.weight) + self.bias)


def softmax(margins: np.ndarray) -> np.ndarray:
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def arranged(known: Head | None, names: Sequence[str], width: int) -> Head:
    """A head for these classes: what `known` has learnt of them, nothing of the others."""
    weight, bias = np.zeros((width, len(names))), np.zeros(len(names))
    for column, name in enumerate(names):
        if known and name in known.names:
            index = known.names.index(name)
            weight[:, column], bias[column] = known.weight[:, index], known.bias[index]
    return Head(list(names), weight, bias)


def fit(vectors: np.ndarray, shares: np.ndarray, start: Head, trust: float) -> Head:
    """The head that fits the sentences, no further from `start` than needed.

    `shares` (sentences, classes): how much of each class a sentence is, rows sum to 1. `trust`: what one sentence
    counts against the square of a change of the weights; higher follows the sentences more.
    """
    classes = shares.shape[1]
    width = vectors.shape[1]
    scaled = (SHARPNESS * vectors).astype(np.float32)
    wanted = (shares * (1 - SMOOTHING) + SMOOTHING / classes).astype(np.float32)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        change = flat.reshape(width + 1, classes)
        weight, bias = start.weight + change[:-1], start.bias + change[-1]
        margins = scaled @ weight.astype(np.float32) + bias.astype(np.float32)
        margins -= margins.max(axis=1, keepdims=True)
        sums = np.log(np.exp(margins).sum(axis=1, keepdims=True))
        off = np.exp(margins - sums) - wanted
        value = trust * float((wanted * (sums - margins)).sum(dtype=np.float64)) + 0.5 * float((flat**2).sum())
        slope = np.vstack([scaled.T @ off, off.sum(axis=0, keepdims=True)]).astype(np.float64)
        return value, trust * slope.ravel() + flat

    found = minimize(loss, np.zeros((width + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    change = found.x.reshape(width + 1, classes)
    return Head(start.names, start.weight + change[:-1], start.bias + change[-1])
