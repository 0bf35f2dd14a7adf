"""The peers: systems that are trained on the same sentences and answer the same messages.

Each module here holds `train(texts, labels, options) -> Predictor`, `version() -> str` (changes when the peer's answers
may change) and `ABOUT` (one line for the README). A module imports its libraries inside its functions, so that naming
the peers is quick. Every peer runs in a process of its own (`evaluation.worker`) on one thread.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import psutil

NAMES = ("patchline", "encoder", "sparse", "diet", "nlpjs")


@dataclass(frozen=True)
class Answer:
    """What a peer made of one message."""

    label: str
    score: float  # how sure the peer is that the message is in scope; any scale, higher is surer
    ms: float  # time for this message alone


@dataclass(frozen=True)
class Options:
    """What a peer may need besides the sentences."""

    out: str | None  # the label of out-of-scope training examples, None when there are none
    cache: Path  # downloaded or built parts that outlive a run
    work: Path  # a folder of this run, empty at its start
    epochs: int = 100  # of peers that train in epochs
    adapted: bool = False  # whether the product may use the encoder that has learnt from all of our sentences


class Predictor(Protocol):
    """A trained peer."""

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answers in the order of the messages, one after the other, as a chat would ask."""

    def memory_mb(self) -> float:
        """Resident memory of the process that answers, in MB."""

    def training_seconds(self) -> float | None:
        """Seconds that the training itself took; None when the caller's clock around `train` is right."""


@dataclass
class InProcess:
    """A predictor that answers in this very process: `one` maps a message to (label, score)."""

    one: Callable[[str], tuple[str, float]]

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        answers = []
        for text in texts:
            start = perf_counter()
            label, score = self.one(text)
            answers.append(Answer(label, float(score), (perf_counter() - start) * 1000))
        return answers

    def memory_mb(self) -> float:
        return psutil.Process().memory_info().rss / 1e6

    def training_seconds(self) -> float | None:
        return None


def load(name: str) -> Any:
    """The peer's module. Its libraries are imported by `train` only."""
    return importlib.import_module(f"evaluation.peers.{name}")
