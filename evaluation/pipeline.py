"""The two components that decide on warning signs, with the current model and config.yml, without a server."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from patchline import safety, settings
from patchline.safety.text import clean


@dataclass(frozen=True)
class Judgement:
    """What becomes of one message: the tier that each net sees and the one that the patient is answered with."""

    rules: str | None
    model: str | None
    together: str | None


class Pipeline:
    """Intent classifier and red-flag component of one model archive."""

    def __init__(self, archive: Path) -> None:
        from patchline.nlu.encoder import GRAPH, Encoder
        from patchline.nlu.intent_classifier import IntentClassifier
        from patchline.nlu.intent_model import IntentModel
        from patchline.nlu.red_flags import RedFlags

        classifier_config, component_config = _configured()
        self._classifier = IntentClassifier({**IntentClassifier.get_default_config(), **classifier_config}, None, None)
        self._component = RedFlags({**RedFlags.get_default_config(), **component_config})
        self._detector = safety.Detector(safety.load(settings.from_environment().content))
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            parts = next(Path(folder).rglob(GRAPH)).parent
            self._classifier._model = IntentModel.load(parts, Encoder(parts))

    def detect(self, text: str) -> safety.Detection:
        """What the rules see."""
        return self._detector.detect(clean(text))

    def judge(self, text: str) -> Judgement:
        """Ask both nets and what they make of it together."""
        from rasa.shared.nlu.training_data.message import Message

        from patchline.nlu.intent_classifier import SECOND_NET

        message = Message(data={"text": clean(text)})
        self._component.process(self._classifier.process([message]))
        return Judgement(
            rules=self.detect(text).tier,
            model=message.get(SECOND_NET),
            together=_tier(message.get("response_selector")),
        )


def _tier(selected: dict[str, Any]) -> str | None:
    """ "emergency" for the response red_flag/emergency_they; None for any other answer."""
    key = selected.get("red_flag", {}).get("response", {}).get("intent_response_key", "")
    return key.removeprefix("red_flag/").partition("_")[0] or None


def _configured() -> Iterator[dict[str, Any]]:
    """The settings of the pipeline's components, without their names."""
    configured = YAML(typ="safe").load((settings.ROOT / "config.yml").read_text(encoding="utf-8"))
    return ({key: value for key, value in item.items() if key != "name"} for item in configured["pipeline"])
