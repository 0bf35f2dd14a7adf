"""The product's own intent model, as it stands in the Rasa pipeline."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from evaluation.peers import InProcess, Options
from evaluation.peers import encoder as encoder_peer

ABOUT = "the product's intent model (`patchline/nlu/intent_model.py`); score = its own in-scope score"


def version() -> str:
    import patchline.nlu

    folder = Path(patchline.nlu.__file__).parent
    sources = sorted([*folder.glob("*.py"), *folder.glob("*.safetensors")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return f"{encoder_peer.version()}, patchline/nlu {digest[:12]}"


def train(texts: Sequence[str], labels: Sequence[str], options: Options) -> InProcess:
    from patchline.nlu.intent_model import IntentModel

    encoder = encoder_peer.open_encoder(options, options.adapted)
    model = IntentModel.fit(list(texts), list(labels), encoder)

    def one(text: str) -> tuple[str, float]:
        prediction = model.predict(text)
        return prediction.intent, prediction.score

    return InProcess(one)
