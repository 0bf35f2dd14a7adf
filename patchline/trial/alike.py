"""Training sentences of different topics that a model can hardly tell apart: by letters, and by meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from rapidfuzz import fuzz

from patchline.trial.plain import plain
from patchline.trial.report import Example, Finding
from patchline.trial.validate import is_new

NEAR = 0.9  # cosine, together with ...
SAME_LETTERS = 78.0  # ... so many of 100
SAME = 0.965  # cosine by itself
NEIGHBOURS = 5
ODD = 0.6  # mean cosine to neighbours of another topic from which they say something
BLOCK = 1000  # rows of similarities at a time: 70 MB
MOST = 40


def near_duplicates(examples: Sequence[Example], vectors: np.ndarray, known: set[tuple[str, str]]) -> list[Finding]:
    """Pairs across topics, new ones first and the most alike first; `vectors`: one unit row for each example."""
    topics = np.unique([item.topic for item in examples], return_inverse=True)[1]
    found: list[tuple[bool, float, Finding]] = []
    for start in range(0, len(examples), BLOCK):
        alike = vectors[start : start + BLOCK] @ vectors.T
        alike[topics[start : start + BLOCK][:, None] == topics[None, :]] = 0
        for row, column in zip(*np.where(alike >= NEAR), strict=True):
            pair = examples[start + row], examples[column]
            if start + row < column and _tells_little(pair, float(alike[row, column])):
                new = any(is_new(item, known) for item in pair)
                found.append(
                    (not new, -float(alike[row, column]), Finding("near_duplicate", _sentence(pair), pair, new))
                )
    return [item for *_, item in sorted(found, key=lambda entry: entry[:2])][:MOST]


def odd_ones(examples: Sequence[Example], vectors: np.ndarray, known: set[tuple[str, str]]) -> Iterator[Finding]:
    """New sentences whose nearest neighbours all stand under one other topic."""
    if not known:
        return
    for row, example in enumerate(examples):
        if not is_new(example, known):
            continue
        alike = vectors @ vectors[row]
        alike[row] = -1
        nearest = np.argsort(-alike)[:NEIGHBOURS]
        topic, count = Counter(examples[index].topic for index in nearest).most_common(1)[0]
        if topic != example.topic and count == NEIGHBOURS and alike[nearest].mean() >= ODD:
            other = examples[nearest[0]]
            yield Finding(
                "odd_one",
                f"You teach this as “{example.title}”, but the sentences most like it stand under “{other.title}”. "
                "Is it the right topic?",
                (example, other),
            )


def _tells_little(pair: tuple[Example, Example], cosine: float) -> bool:
    left, right = (plain(item.text) for item in pair)
    if not left or not right or left == right:  # the same sentence is a conflict
        return False
    return cosine >= SAME or fuzz.ratio(left, right) >= SAME_LETTERS


def _sentence(pair: tuple[Example, Example]) -> str:
    left, right = (item.title for item in pair)
    signs = [item.topic.startswith("red_flag/") for item in pair]
    why = "One of them is a warning sign: look twice. " if any(signs) and not all(signs) else ""
    return f"Almost the same sentence stands under “{left}” and under “{right}”. {why}Keep both only if they differ."
