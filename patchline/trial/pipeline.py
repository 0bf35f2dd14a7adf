"""What one model makes of a message: the two components that understand, without a server or a conversation."""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ruamel.yaml import YAML

from patchline import safety
from patchline.safety.model import Tier
from patchline.safety.text import clean
from patchline.trial.gate import Judgement

if TYPE_CHECKING:
    from patchline.nlu.sign_evidence import SignEvidence

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


@dataclass(frozen=True)
class Steps:
    """How it comes to what one message is answered with, step by step.

    `intent`, `ranking`, `topics` and `left_out`: what the topic model says, before anybody looks for warning signs.
    `evidence`: what the sign model sees, None without one. `outcome` and `reasons`: raise, check or answer. `tier`: of
    what is raised. `answer`: the full intent in the end.
    """

    detection: safety.Detection
    intent: str
    ranking: tuple[tuple[str, float], ...]
    topics: tuple[str, ...]
    left_out: tuple[str, ...]
    evidence: SignEvidence | None
    outcome: str
    reasons: tuple[str, ...]
    tier: Tier | None
    answer: str


class Pipeline:
    """Intent classifier and red-flag component of one model archive.

    `files` holds the config.yml that it was trained with, `content` the red_flags.yml that it serves with. `encoder`
    makes the sentence encoder from the folder of its files; without, each message is encoded anew.
    """

    def __init__(self, archive: Path, files: Path, content: Path, encoder: Callable[[Path], Any] | None = None) -> None:
        from patchline.nlu.encoder import GRAPH, Encoder
        from patchline.nlu.intent_classifier import IntentClassifier
        from patchline.nlu.models import Models
        from patchline.nlu.red_flags import RedFlags

        classifier_config, component_config = _configured(files)
        self._classifier = IntentClassifier({**IntentClassifier.get_default_config(), **classifier_config}, None, None)
        self._component = RedFlags({**RedFlags.get_default_config(), **component_config, "content": content})
        self.detector = self._component._detector
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(archive) as packed:
                packed.extractall(folder, filter="data")
            parts = next(Path(folder).rglob(GRAPH)).parent
            self._classifier._models = Models.load(parts, (encoder or Encoder)(parts))

    def detect(self, text: str) -> safety.Detection:
        """What the rules see."""
        return self.detector.detect(clean(text))

    def judge(self, text: str) -> Judgement:
        """Ask both nets and what they make of it together."""
        message = self._process(text)
        outcome = "check" if message.get("intent")["name"] == "check" else _tier(_chosen(message))
        return Judgement(rules=self.detect(text).tier, together=_tier(_chosen(message)), outcome=outcome)

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
            return Reading(_values(message, TOPIC), None, taken)
        return Reading((without_variant(chosen) or intent,), _tier(chosen), taken)

    def steps(self, text: str) -> Steps:
        """The same, with everything that leads to it."""
        from rasa.shared.nlu.training_data.message import Message

        from patchline.nlu.intent_classifier import EVIDENCE, LEFT_OUT, TOPIC
        from patchline.nlu.red_flags import DECIDED

        message = Message(data={"text": clean(text)})
        self._classifier.process([message])
        intent = _chosen(message) or message.get("intent")["name"]
        ranking = tuple((item["name"], item["confidence"]) for item in message.get("intent_ranking"))
        topics, left_out = _values(message, TOPIC), _values(message, LEFT_OUT)
        self._component.process([message])
        decided, chosen = message.get(DECIDED), _chosen(message)
        return Steps(
            detection=self.detect(text),
            intent=intent,
            ranking=ranking,
            topics=topics,
            left_out=left_out,
            evidence=message.get(EVIDENCE),
            outcome=decided["outcome"],
            reasons=tuple(decided["reasons"]),
            tier=_tier(chosen),
            answer=without_variant(chosen) or message.get("intent")["name"],
        )

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


def _values(message: Any, entity: str) -> tuple[str, ...]:
    return tuple(item["value"] for item in message.get("entities") or [] if item["entity"] == entity)


def _tier(chosen: str) -> Tier | None:
    """ "emergency" for the response red_flag/emergency_they; None for any other answer."""
    base, _, key = without_variant(chosen).partition("/")
    return cast(Tier, key) if base == RED_FLAG else None  # these intents are named by tiers


def _configured(files: Path) -> Iterator[dict[str, Any]]:
    """The settings of the pipeline's components, without their names."""
    configured = YAML(typ="safe").load((files / "config.yml").read_text(encoding="utf-8"))
    return ({key: value for key, value in item.items() if key != "name"} for item in configured["pipeline"])
