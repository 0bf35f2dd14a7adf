"""The two models on one encoder: what is wanted, and whether there is a warning sign. Kept together in an archive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from patchline.nlu.calibration import Calibration
from patchline.nlu.encoder import Encoder, Encodes
from patchline.nlu.endings import unmarked
from patchline.nlu.heads import SIGN_HEAD, TOPIC_HEAD, Head
from patchline.nlu.intent_model import IntentModel, Prediction
from patchline.nlu.labels import CHECK, RED_FLAG, SEVERAL, SIGNS, is_topic
from patchline.nlu.sign_model import SignModel, SignReading
from patchline.nlu.sparse import SparseHead, Words
from patchline.safety.text import plain

SHORT = 8  # words of a sentence that is known word for word
TAUGHT = 0.8  # share of the probability that goes to what a message was taught as
FEW_WORDS, MOST_UNKNOWN = 8, 0.4  # from so many words on, at least this share of them must be known
FILE, ARRAYS = "models.json", "models.npz"


@dataclass(frozen=True)
class TextReading:
    """What both models make of one text; `sign` is None where none was trained."""

    topic: Prediction
    sign: SignReading | None = None


@dataclass
class Models:
    """Trained by `fit`, kept with `save` and `load` (JSON and plain arrays, no pickle)."""

    topics: IntentModel
    signs: SignModel | None = None
    calibration: Calibration | None = None
    taught: dict[str, str] = field(default_factory=dict)  # plain text of a short training sentence -> its topic

    @property
    def intents(self) -> set[str]:
        """Every intent that a button may name."""
        return {*self.topics.intents, *(f"{RED_FLAG}{tier}" for tier in SIGNS[1:] if self.signs), CHECK, SEVERAL}

    @classmethod
    def fit(
        cls, texts: Sequence[str], intents: Sequence[str], encoder: Encodes, heads: dict[str, Head] | None = None
    ) -> Models:
        """Train both on sentences and their intents. `heads`: what the encoder was taught with."""
        heads, texts = heads or {}, [unmarked(text) for text in texts]
        words = Words.learn(texts)
        asked = [index for index, intent in enumerate(intents) if is_topic(intent)]
        topics = IntentModel.fit(
            [texts[index] for index in asked],
            [intents[index] for index in asked],
            encoder,
            words,
            heads.get(TOPIC_HEAD),
        )
        taught = {plain(texts[index]): intents[index] for index in asked if len(texts[index].split()) <= SHORT}
        if not any(intent.startswith(RED_FLAG) for intent in intents):
            return cls(topics, taught=taught)
        signs = SignModel.fit(texts, intents, encoder.encode(texts), words, heads.get(SIGN_HEAD))
        return cls(topics, signs, taught=taught)

    def readable(self, text: str) -> bool:
        """Whether the models know enough of the words to say anything: a sign in a heap of letters is the rules'."""
        return len(text.split()) < FEW_WORDS or self.topics.words.known(text) >= MOST_UNKNOWN

    def read(self, texts: Sequence[str]) -> list[TextReading]:
        """Both models on several texts, encoded once."""
        texts = [unmarked(text) for text in texts]
        vectors = self.topics.encoder.encode(texts)
        features = [self.topics.words.features(text) for text in texts]
        topics = [
            self._taught(text, item)
            for text, item in zip(texts, self.topics.predictions(vectors, features), strict=True)
        ]
        signs = self.signs.read(vectors, features) if self.signs else [None] * len(texts)
        return [TextReading(*pair) for pair in zip(topics, signs, strict=True)]

    def _taught(self, text: str, found: Prediction) -> Prediction:
        """A short message that was taught word for word is what it was taught as."""
        intent = self.taught.get(plain(text))
        if intent is None or intent == found.intent:
            return found
        rest = [(name, value * (1 - TAUGHT)) for name, value in found.ranking]
        ranking = [(name, value + TAUGHT * (name == intent)) for name, value in rest]
        ranked = tuple(sorted(ranking, key=lambda item: -item[1]))
        return Prediction(ranked, found.score + TAUGHT)

    def save(self, folder: Path) -> None:
        """Write everything but the encoder to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        words, arrays = self.topics.words.stored()
        arrays |= _stored("topic", self.topics.head, self.topics.sparse) | {"examples": self.topics.examples}
        if self.signs:
            arrays |= _stored("sign", self.signs.head, self.signs.sparse)
        about = {
            "intents": self.topics.intents,
            "weight": self.topics.weight,
            "vocabularies": words,
            "taught": self.taught,
            "calibration": self.calibration and {"weights": self.calibration.weights, "bias": self.calibration.bias},
        }
        (folder / FILE).write_text(json.dumps(about))
        np.savez(folder / ARRAYS, **arrays)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> Models:
        """Read what `save` wrote."""
        about = json.loads((folder / FILE).read_text())
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            arrays = dict(stored)
        words = Words.restored(about["vocabularies"], arrays)
        head, sparse = _restored("topic", about["intents"], arrays)
        topics = IntentModel(head, sparse, about["weight"], arrays["examples"], words, encoder)
        signs = SignModel(*_restored("sign", list(SIGNS), arrays)) if "sign.weight" in arrays else None
        known = about["calibration"]
        calibration = known and Calibration(tuple(known["weights"]), known["bias"])
        return cls(topics, signs, calibration, about["taught"])


def _stored(name: str, head: Head, sparse: SparseHead) -> dict[str, np.ndarray]:
    return {
        f"{name}.weight": head.weight.astype(np.float32),
        f"{name}.bias": head.bias.astype(np.float32),
        f"{name}.sparse": sparse.weight,
        f"{name}.sparse_bias": sparse.bias,
    }


def _restored(name: str, names: list[str], arrays: dict[str, np.ndarray]) -> tuple[Head, SparseHead]:
    head = Head(names, arrays[f"{name}.weight"], arrays[f"{name}.bias"])
    return head, SparseHead(arrays[f"{name}.sparse"], arrays[f"{name}.sparse_bias"])
