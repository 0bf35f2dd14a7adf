"""Rasa graph component, last in the pipeline: a warning sign takes precedence over whatever else a message says.

Two nets: what the intent model sees in the whole sentence, and the rules of `patchline.safety`. Also the place where a
Spanish message is recognised: its warning signs are answered in Spanish, anything else with the clinic line.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from patchline import safety, settings
from patchline.nlu.intent_classifier import RED_FLAG_PROBABILITY, SECOND_NET, set_intent, set_topics
from patchline.nlu.understanding import ANSWERED_FROM_DOCUMENT, RED_FLAG, SPANISH
from patchline.safety.text import clean

TIERS = ("clinic", "emergency", "crisis")  # rising


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RedFlags(GraphComponent):
    """Sets the intent `red_flag/<tier>` (`red_flag/<tier>_es` in Spanish) where either net sees a warning sign.

    `supported`: the rules raise alone in Spanish, which the intent model does not know; in English they raise where the
    model gives warning signs at least this probability. Only denial lowers: where every sign that the rules find is
    negated, the model's is not raised either. Figures: docs/decisions/0006-two-nets.md.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"supported": 0.15}

    def __init__(self, config: dict[str, Any]) -> None:
        self._supported = config["supported"]
        self._detector = safety.Detector(safety.load(settings.from_environment().content))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RedFlags:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):  # a button says exactly what it means
                self._raise(message, self._detector.detect(clean(text)))
        return messages

    def _raise(self, message: Message, detection: safety.Detection) -> None:
        spanish = detection.language == "es"
        supported = spanish or message.get(RED_FLAG_PROBABILITY, 0) >= self._supported
        rules = detection.tier if supported else None
        denied = bool(detection.flags) and all(flag.status == "negated" for flag in detection.flags)
        model = None if spanish or denied else message.get(SECOND_NET)
        tier = max((tier for tier in (rules, model) if tier), key=TIERS.index, default=None)
        if tier is not None:
            set_intent(message, f"{RED_FLAG}{tier}_es" if spanish else f"{RED_FLAG}{tier}", 1.0)
            set_topics(message, [f"{RED_FLAG}{tier}"])
        elif spanish:
            set_intent(message, SPANISH, 1.0)
            set_topics(message, [])
        elif denied and message.get(INTENT)["name"] == RED_FLAG.removesuffix("/"):
            self._lower(message)

    @staticmethod
    def _lower(message: Message) -> None:
        """ "No fever, no numbness, when can I shower?": every sign is denied, so the next best intent is meant."""
        ranking = [item for item in message.get(INTENT_RANKING_KEY) if not item["name"].startswith(RED_FLAG)]
        set_intent(message, ranking[0]["name"], ranking[0]["confidence"])
        set_topics(message, [ranking[0]["name"]] if ranking[0]["name"].startswith(ANSWERED_FROM_DOCUMENT) else [])
