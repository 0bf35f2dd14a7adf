"""The serving model's eyes: what it makes of a message now, and how near its training examples came to it.

Loads the model's own encoder and classifier from its archive, without Rasa: two seconds and 200 MB, in a job's process.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from patchline.nlu.encoder import Encoder
from patchline.nlu.intent_model import IntentModel
from patchline.nlu.understanding import Thresholds, Understanding, understand
from patchline.releases.store import Releases
from patchline.settings import Settings

COMPONENT = "intent_classifier.IntentClassifier"  # the folder of the archive that holds both
FILES = ("encoder.onnx", "tokenizer.json", "intents.json", "intents.npz")


@dataclass(frozen=True)
class Seen:
    """One message: `understanding` of the model, the unit vector of its meaning (384 float32), and `nearness`, the
    cosine to the nearest training example of any topic but out of scope.
    """

    understanding: Understanding
    vector: np.ndarray
    nearness: float


class Sight:
    """The eyes of one model. `name` tells models apart."""

    def __init__(self, folder: Path, name: str):
        self.name = name
        self._encoder = Encoder(folder)
        self._model = IntentModel.load(folder, self._encoder)
        with np.load(folder / "intents.npz", allow_pickle=False) as stored:
            self._examples = stored["examples"]

    def see(self, text: str) -> Seen:
        vector = self._encoder.encode([text])[0]
        found = understand(text, self._model.predict_all, Thresholds())
        return Seen(found, vector, float((self._examples @ vector).max()))

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
        return Sight(Path(folder), release.name if release.number else archive.name.removesuffix(".tar.gz"))


def _take_out(archive: Path, folder: Path) -> None:
    """The files of the classifier, and nothing else of the archive."""
    with tarfile.open(archive) as file:
        for member in file:
            path = Path(member.name)
            if path.name in FILES and COMPONENT in path.parent.name and (content := file.extractfile(member)):
                with content, open(folder / path.name, "wb") as out:
                    shutil.copyfileobj(content, out)
