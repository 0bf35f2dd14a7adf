"""The serving model's eyes: what it makes of a message now, and how near its training examples came to it.

Loads the model's own encoder and models from its archive, without Rasa: two seconds and 200 MB, in a job's process.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patchline import safety
from patchline.nlu.decision import Limits, decide
from patchline.nlu.encoder import Encoder
from patchline.nlu.models import ARRAYS, FILE, Models
from patchline.nlu.sign_evidence import SignEvidence
from patchline.nlu.understanding import Thresholds, Understanding, understand
from patchline.releases.store import Releases
from patchline.safety.model import Tier
from patchline.safety.text import clean
from patchline.settings import Settings

COMPONENT = "intent_classifier.IntentClassifier"  # the folder of the archive that holds both
FILES = ("encoder.onnx", "tokenizer.json", FILE, ARRAYS)


@dataclass(frozen=True)
class Seen:
    """One message: `understanding` of the model, the unit vector of its meaning (384 float32), and `nearness`, the
    cosine to the nearest training example of any topic but out of scope. `sign`: the tier that is raised now, or None.
    """

    understanding: Understanding
    vector: np.ndarray
    nearness: float
    sign: Tier | None = None


class Sight:
    """The eyes of one model, and the rules beside it. `name` tells models apart."""

    def __init__(self, folder: Path, name: str, rules: safety.Detector):
        self.name = name
        self._encoder = Encoder(folder)
        self._models = Models.load(folder, self._encoder)
        self._rules = rules

    def see(self, text: str) -> Seen:
        vector = self._encoder.encode([text])[0]
        found = understand(text, self._models.read, Thresholds())
        return Seen(found, vector, float((self._models.topics.examples @ vector).max()), self._sign(text, found))

    def _sign(self, text: str, found: Understanding) -> Tier | None:
        detection, calibration = self._rules.detect(clean(text)), self._models.calibration
        seen = None
        if calibration and found.signs and detection.language != "es":
            seen = SignEvidence(found.signs, found.part_signs, calibration).seen(detection)
        return decide(detection, seen, Limits()).tier

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (texts, 384)."""
        return self._encoder.encode(texts)


def serving(settings: Settings) -> Sight:
    """The eyes of the model that answers patients. Raises `ModelError` when there is none."""
    releases = Releases(settings)
    release = releases.get(releases.serving().serving.release)
    archive = releases.archive(release)
    with tempfile.TemporaryDirectory() as folder:
        _take_out(archive, Path(folder))
        name = release.name if release.number else archive.name.removesuffix(".tar.gz")
        return Sight(Path(folder), name, safety.Detector(safety.load(settings.content)))


def _take_out(archive: Path, folder: Path) -> None:
    """The files of the classifier, and nothing else of the archive."""
    with tarfile.open(archive) as file:
        for member in file:
            path = Path(member.name)
            if path.name in FILES and COMPONENT in path.parent.name and (content := file.extractfile(member)):
                with content, open(folder / path.name, "wb") as out:
                    shutil.copyfileobj(content, out)
