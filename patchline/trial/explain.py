"""`patchline safety explain "text"` with the current model: everything that leads to what a patient gets.

Nothing of a message is logged or kept: the encoder that remembers vectors sees training sentences alone.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from patchline.safety import Detector, load
from patchline.safety.courtesies import without_courtesies
from patchline.safety.explain import parts
from patchline.safety.text import clean
from patchline.settings import ROOT, Settings
from patchline.training import sources
from patchline.training.model import ModelError, current
from patchline.trial.insight import Insight, Neighbour, Outcome, Signs, Topic, told, told_by_rules
from patchline.trial.pipeline import Pipeline, Steps
from patchline.trial.run import CACHE

if TYPE_CHECKING:
    import numpy as np

NEAREST = 3
PATIENCE_S = 2.0  # how long nobody has to be told what is being done
NOT_TYPED = "/ \t\r\n"  # in front of a message: typed text is never a command
ASKED_FOR = "--rules asks for them."
NO_WORDS = "there is nothing else to read."
IN_SPANISH = "no word of the model: it has not learnt Spanish, so the rules decide alone"
NO_SIGNS = "no word of the model: it has learnt no warning signs, so the rules decide alone"


def explainer(
    settings: Settings, rules: bool = False, before_loading: Callable[[], None] = lambda: None
) -> Callable[[str], str]:
    """What explains messages: the current model, or the rules where there is none or where `rules` asks for them.

    `before_loading` is called before a model, and with it Rasa, is loaded.
    """
    if rules:
        return _ByRules(settings, ASKED_FOR)
    try:
        archive = current(settings)
    except ModelError as error:
        return _ByRules(settings, f"{error}.")
    with saying("loading Rasa"):
        before_loading()
    return _Whole(archive, settings)


class _ByRules:
    def __init__(self, settings: Settings, why: str) -> None:
        self._detector, self._why = Detector(load(settings.content)), why

    def __call__(self, text: str) -> str:
        return told_by_rules(*parts(text, self._detector), self._why)


class _Whole:
    """A model and the sentences that it has learnt. Loading takes some seconds; encoding them, once, some minutes."""

    def __init__(self, archive: Path, settings: Settings) -> None:
        with saying("loading the model"):
            from patchline.nlu.labels import learnt

            self._pipeline = Pipeline(archive, ROOT, settings.content, self._encoders)
        with saying("reading the training sentences"):
            self._sentences = [pair for pair in sources.sentences(ROOT) if learnt(pair[1])]
        with saying(f"comparing with {len(self._sentences):,} training sentences; minutes the first time, then kept"):
            self._vectors = self._remembering.encode([text for text, _ in self._sentences])
            self._remembering.keep()

    def _encoders(self, folder: Path) -> Any:
        """One that remembers, for the training sentences, and one that does not, for what is typed."""
        from patchline.nlu.encoder import Encoder
        from patchline.nlu.vectors import KeptVectors

        self._remembering = KeptVectors(folder, ROOT / CACHE)
        self._encoder = Encoder(folder)
        return self._encoder

    def __call__(self, text: str) -> str:
        typed = clean(text).lstrip(NOT_TYPED)
        if not typed:
            return told_by_rules(*parts(text, self._pipeline.detector), NO_WORDS)
        vector = self._encoder.encode([without_courtesies(typed)])[0]
        near = nearest(vector, self._vectors, self._sentences)
        return told(insight(typed, parts(typed, self._pipeline.detector), self._pipeline.steps(typed), near))


def insight(text: str, rules: tuple[Sequence[str], str], steps: Steps, near: Sequence[Neighbour]) -> Insight:
    """What is told of one message. `rules`: the lines about them, and what they alone would do."""
    detection = steps.detection
    spanish = detection.language == "es"
    return Insight(
        text=text,
        rules=rules[0],
        by_rules=rules[1],
        signs=None if spanish else _signs(steps),
        nearest=near,
        topic=Topic(steps.intent, steps.ranking, steps.topics, steps.left_out),
        outcome=Outcome(steps.outcome, steps.answer, steps.reasons, steps.tier, detection.relative, detection.language),
        unseen=IN_SPANISH if spanish else NO_SIGNS,
    )


def nearest(
    vector: np.ndarray, vectors: np.ndarray, sentences: Sequence[tuple[str, str]], count: int = NEAREST
) -> list[Neighbour]:
    """The training examples that are nearest by meaning, nearest first; all vectors have the length 1."""
    cosines = vectors @ vector
    first = map(int, (-cosines).argsort(kind="stable")[:count])
    return [Neighbour(*sentences[row], float(cosines[row])) for row in first]


def _signs(steps: Steps) -> Signs | None:
    evidence = steps.evidence
    if evidence is None:
        return None
    seen = evidence.seen(steps.detection)
    readings = {*evidence.whole, *evidence.parts}
    meaning = max(1 - item.none[0] for item in readings)
    return Signs(meaning, seen.words, seen.probability, seen.shares, len(readings))


@contextmanager
def saying(what: str, out: TextIO | None = None, patience: float = PATIENCE_S) -> Iterator[None]:
    """Says on standard error what is being done, where it takes longer than that many seconds."""
    timer = threading.Timer(patience, lambda: print(f"{what} …", file=out or sys.stderr, flush=True))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
