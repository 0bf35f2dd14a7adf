"""Scores of one run, computed from plain lists: no files, no clock, no library's defaults.

A run is three parallel lists, an item a test message: `truth` (label), `label` (answered) and `score` (how sure the
peer is that the message is in scope; higher is surer). Shares are between 0 and 1; percentages are made by the table.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from patchline.trial.shares import wilson

OUT = "out_of_scope"  # the label of every message that no topic answers, in every set


def accuracy(truth: Sequence[str], label: Sequence[str]) -> float:
    """Share of in-scope messages with the right label, whatever the score.

    >>> accuracy(["a", "b", OUT], ["a", "a", "a"])
    0.5
    """
    pairs = _in_scope(truth, label)
    return sum(t == p for t, p in pairs) / len(pairs)


def macro_f1(truth: Sequence[str], label: Sequence[str]) -> float:
    """Mean F1 over the labels that in-scope messages have; every label counts the same, however few its messages."""
    pairs = _in_scope(truth, label)
    right = Counter(t for t, p in pairs if t == p)
    asked, answered = Counter(t for t, _ in pairs), Counter(p for _, p in pairs)
    return sum(2 * right[name] / (asked[name] + answered[name]) for name in asked) / len(asked)


def auroc(truth: Sequence[str], score: Sequence[float]) -> float | None:
    """Chance that an in-scope message scores above an out-of-scope one (a tie counts half); None without one kind."""
    inside, outside = _split(truth, score)
    if not len(inside) or not len(outside):
        return None
    outside = np.sort(outside)
    below = np.searchsorted(outside, inside, "left")
    not_above = np.searchsorted(outside, inside, "right")
    return float((below + not_above).sum() / 2 / len(inside) / len(outside))


def rejection_recall(truth: Sequence[str], score: Sequence[float], false_rejection: float) -> float | None:
    """Share of out-of-scope messages rejected by the strictest threshold that rejects at most the given share of
    in-scope messages. A message is rejected when its score is below the threshold. None without one kind.

    >>> rejection_recall(["a"] * 4 + [OUT] * 2, [0.9, 0.8, 0.7, 0.2, 0.1, 0.75], 0.5)
    0.5
    """
    inside, outside = _split(truth, score)
    if not len(inside) or not len(outside):
        return None
    allowed = math.floor(false_rejection * len(inside) + 1e-9)
    threshold = np.sort(inside)[allowed] if allowed < len(inside) else math.inf
    return float((outside < threshold).mean())


def rejected_by_label(truth: Sequence[str], label: Sequence[str]) -> tuple[float, float]:
    """(share of out-of-scope messages, share of in-scope messages) that were answered with the label `OUT`.

    Of use only where `OUT` is a label that the peer was trained on.
    """
    outside = [p == OUT for t, p in zip(truth, label, strict=True) if t == OUT]
    inside = [p == OUT for t, p in zip(truth, label, strict=True) if t != OUT]
    return sum(outside) / max(1, len(outside)), sum(inside) / max(1, len(inside))


def worst_pairs(truth: Sequence[str], label: Sequence[str], count: int = 5) -> list[tuple[str, str, int]]:
    """The most frequent mistakes on in-scope messages: (right label, answered label, messages), most frequent first."""
    mistakes = Counter((t, p) for t, p in _in_scope(truth, label) if t != p)
    return [(t, p, n) for (t, p), n in sorted(mistakes.items(), key=lambda item: (-item[1], item[0]))[:count]]


def all_scores(
    truth: Sequence[str], label: Sequence[str], score: Sequence[float], trained_out: bool
) -> dict[str, object]:
    """Every figure of the table by name. `trained_out`: the training data held examples of `OUT`."""
    inside = sum(t != OUT for t in truth)
    right = accuracy(truth, label)
    by_label = rejected_by_label(truth, label) if trained_out else (None, None)
    return {
        "in_scope": inside,
        "out_of_scope": len(truth) - inside,
        "accuracy": right,
        "accuracy_interval": list(wilson(right, inside)),
        "macro_f1": macro_f1(truth, label),
        "auroc": auroc(truth, score),
        "recall_at_5": rejection_recall(truth, score, 0.05),
        "recall_at_10": rejection_recall(truth, score, 0.10),
        "label_recall": by_label[0],
        "label_false_rejection": by_label[1],
        "worst_pairs": [list(pair) for pair in worst_pairs(truth, label)],
    }


def on_new_words(truth: Sequence[str], label: Sequence[str], new: Sequence[int]) -> dict[str, object]:
    """Accuracy on the messages with the indices `new`, and how many of them are in scope."""
    inside = [index for index in new if truth[index] != OUT]
    right = sum(truth[index] == label[index] for index in inside)
    return {"new_in_scope": len(inside), "new_accuracy": right / len(inside) if inside else None}


def _in_scope(truth: Sequence[str], label: Sequence[str]) -> list[tuple[str, str]]:
    return [(t, p) for t, p in zip(truth, label, strict=True) if t != OUT]


def _split(truth: Sequence[str], score: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    inside = [s for t, s in zip(truth, score, strict=True) if t != OUT]
    outside = [s for t, s in zip(truth, score, strict=True) if t == OUT]
    return np.asarray(inside, float), np.asarray(outside, float)
