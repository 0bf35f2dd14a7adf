"""Rasa graph component: the intent model as an intent classifier that also selects the response."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from patchline import settings
from patchline.nlu import adapter, calibrating
from patchline.nlu import encoder as sentence_encoder
from patchline.nlu.heads import SIGN_HEAD, TOPIC_HEAD
from patchline.nlu.labels import PRESS, learnt
from patchline.nlu.models import Models
from patchline.nlu.sign_evidence import SignEvidence
from patchline.nlu.understanding import FALLBACK, Thresholds, Understanding, understand
from patchline.nlu.vectors import KeptVectors

logger = logging.getLogger(__name__)

TOPIC = "topic"  # entity and slot: what the conversation is about
EVIDENCE = "sign_evidence"  # message property, for the red-flag component alone: what the sign model sees
LEFT_OUT = "left_out"  # entity and slot: what a message asks beyond the answers that it gets
NOT_A_TOPIC = (
    *("affirm", "deny", "greet", "goodbye", "thanks", "out_of_scope", "feedback_negative", "ask_", FALLBACK),
    *("give_details", PRESS),
    *("better_now", "called_already", "happening_now", "no_answer", "not_happening", "take_back"),
    *("feelings", "smalltalk/"),
)
LONGEST_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(RasaIntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking` (full retrieval names), the entity `topic` and `response_selector`.

    A text `/faq/lie_flat` that names a trained intent is that intent: this is how buttons speak to Rasa. `/press_skip`
    is left to Rasa, which reads it after the pipeline. Typed text never begins with a slash here, the gateway sees to
    that.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**vars(Thresholds()), "cache": ".rasa/encoder", "content": None, "strata": None}

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "sklearn", "tokenizers"]

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._thresholds = Thresholds(**{key: config[key] for key in vars(Thresholds())})
        self._storage = storage
        self._resource = resource
        self._models: Models | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example that has an intent, and keep models and encoder in the archive."""
        examples = [item for item in training_data.intent_examples if learnt(item.get_full_intent())]
        texts = [example.get(TEXT) for example in examples]
        intents = [example.get_full_intent() for example in examples]
        with self._storage.write_to(self._resource) as folder:
            logger.info("Building the sentence encoder")
            cache = Path(self._config["cache"])
            sentence_encoder.build(folder, cache=cache)
            encoder = KeptVectors(folder, cache)
            logger.info("Learning %d examples of %d intents", len(texts), len(set(intents)))
            heads = {name: head for name in (SIGN_HEAD, TOPIC_HEAD) if (head := adapter.head(name))}
            self._models = Models.fit(texts, intents, encoder, heads)
            logger.info("Calibrating on messages that nothing was learnt from")
            content = Path(self._config["content"] or settings.from_environment().content)
            calibrating.calibrate(self._models, content, Path(self._config["strata"] or calibrating.STRATA))
            self._models.save(folder)
            encoder.keep()
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._models = Models.load(folder, sentence_encoder.Encoder(folder))
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Understand each message that has a text."""
        for message in messages:
            if self._models is not None and message.get(TEXT) and not message.get(TEXT).startswith(f"/{PRESS}"):
                self._set(message, self._understand(message.get(TEXT)))
        return messages

    def _understand(self, text: str) -> Understanding:
        assert self._models is not None
        if text.startswith("/") and text[1:] in self._models.intents:
            return Understanding(text[1:], 1.0, 2.0, ((text[1:], 1.0),), (text[1:],))
        return understand(text, self._models.read, self._thresholds)

    def _set(self, message: Message, found: Understanding) -> None:
        assert self._models is not None
        set_intent(message, found.intent, found.confidence)
        ranking = [{"name": intent, "confidence": value} for intent, value in found.ranking[:LONGEST_RANKING]]
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        topics = [topic for topic in found.topics if not topic.startswith(NOT_A_TOPIC)]
        set_topics(message, topics, found.left_out)
        if self._models.calibration and found.signs and self._models.readable(message.get(TEXT)):
            message.set(EVIDENCE, SignEvidence(found.signs, found.part_signs, self._models.calibration))


def set_intent(message: Message, full_intent: str, confidence: float) -> None:
    """Write an intent; a retrieval intent ("faq/lie_flat") also selects its response, as Rasa's own selector does."""
    base, _, key = full_intent.partition("/")
    message.set(INTENT, {"name": base, "confidence": confidence}, add_to_output=True)
    selected = {"utter_action": f"utter_{full_intent}", "intent_response_key": full_intent, "confidence": confidence}
    message.set("response_selector", {base: {"response": selected}} if key else {}, add_to_output=True)


def set_topics(message: Message, topics: Sequence[str], left_out: Sequence[str] = ()) -> None:
    """Write what the message is about as `topic` entities, from which Rasa fills the slot of that name, and what it
    asks beyond as `left_out`.
    """
    found = [*((TOPIC, topic) for topic in topics), *((LEFT_OUT, topic) for topic in left_out)]
    entities = [
        {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "IntentClassifier"} for name, value in found
    ]
    message.set(ENTITIES, entities, add_to_output=True)
