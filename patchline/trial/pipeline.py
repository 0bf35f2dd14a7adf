"""What one model makes of a message: the two components that understand, without a server or a conversation."""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from patchline import safety
from patchline.safety.text import clean
from patchline.trial.gate import Judgement

RED_FLAG = "red_flag"


@dataclass(frozen=True)
class Reading:
    """How one message is understood.

    `topics`: full intents ("faq/lie_flat", "red_flag/clinic", "goodbye"), several for a message that asks several
    things. `tier`: of the warning sign that is raised, or None. `ms`: processor time.
    """

    topics: tuple[str, ...]
    tier: str | None
    ms: float

    @property
    def topic(self) -> str:
        """All topics as one name, e.g. "faq/duration + faq/ride_home"."""
        return " + ".join(self.topics)


class Pipeline:
    """Intent classifier and red-flag component of one model archive.

    `files` holds the config.yml that it was trained with, `content` the red_flags.yml that it serves with. `encoder`
    makes the sentence encoder from the folder of its files; without, each message is encoded anew.
    """

    def __init__(self, archive: Path, files: Path, content: Path, encoder: Callable[[Path], Any] | None = None) -> None:
        from patchline.nlu.encoder import GRAPH, Encoder
        from patchline.nlu.intent_classifier import IntentClassifier
        from patchline.nlu.intent_model import IntentModel
        from patchline.nlu.red_flags import RedFlags

        classifier_config, component_config = _configured(files)
        self._classifier = IntentClassifier({**IntentClassifier.get_default_config(), **classifier_config}, None, None)
        self._component = RedFlags({**RedFlags.get_default_config(), **component_config, "content": content})
        self._detector = safety.Detector(safety.load(content))
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            parts = next(Path(folder).rglob(GRAPH)).parent
            self._classifier._model = IntentModel.load(parts, (encoder or Encoder)(parts))

    def detect(self, text: str) -> safety.Detection:
        """What the rules see."""
        return self._detector.detect(clean(text))

    def judge(self, text: str) -> Judgement:
        """Ask both nets and what they make of it together."""
        from patchline.nlu.intent_classifier import SECOND_NET

        message = self._process(text)
        return Judgement(rules=self.detect(text).tier, model=message.get(SECOND_NET), together=_tier(_chosen(message)))

    def read(self, text: str) -> Reading:
        """What the patient would be answered about."""
        from patchline.nlu.intent_classifier import TOPIC
        from patchline.nlu.understanding import SEVERAL

        start = time.thread_time()
        message = self._process(text)
        taken = (time.thread_time() - start) * 1000
        intent = message.get("intent")["name"]
        chosen = _chosen(message)
        if intent == SEVERAL:
            topics = [item["value"] for item in message.get("entities") or [] if item["entity"] == TOPIC]
            return Reading(tuple(topics), None, taken)
        return Reading((without_variant(chosen) or intent,), _tier(chosen), taken)

    def _process(self, text: str) -> Any:
        from rasa.shared.nlu.training_data.message import Message

        message = Message(data={"text": clean(text)})
        self._component.process(self._classifier.process([message]))
        return message


def without_variant(topic: str) -> str:
    """A tier without the language and the person that its wording is for.

    >>> without_variant("red_flag/clinic_es_they"), without_variant("faq/lie_flat")
    ('red_flag/clinic', 'faq/lie_flat')
    """
    return topic.partition("_es")[0].removesuffix("_they") if topic.startswith(f"{RED_FLAG}/") else topic


def _chosen(message: Any) -> str:
    """The full intent of the response that is chosen; "" where the intent has none of its own."""
    base = message.get("intent")["name"]
    selected = message.get("response_selector") or {}
    return selected.get(base, {}).get("response", {}).get("intent_response_key", "")


def _tier(chosen: str) -> str | None:
    """ "emergency" for the response red_flag/emergency_they; None for any other answer."""
    base, _, key = without_variant(chosen).partition("/")
    return key if base == RED_FLAG else None


def _configured(files: Path) -> Iterator[dict[str, Any]]:
    """The settings of the pipeline's components, without their names."""
    configured = YAML(typ="safe").load((files / "config.yml").read_text(encoding="utf-8"))
    return ({key: value for key, value in item.items() if key != "name"} for item in configured["pipeline"])
