"""Rasa graph component, last in the pipeline: a warning sign takes precedence over whatever else a message says."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from patchline.nlu.intent_classifier import SECOND_NET, set_intent, set_topics
from patchline.nlu.understanding import RED_FLAG


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RedFlags(GraphComponent):
    """Sets the intent `red_flag/<tier>` where the intent model sees a warning sign anywhere in the message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RedFlags:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            tier = message.get(SECOND_NET) if message.get(TEXT) else None
            if tier is not None:
                set_intent(message, f"{RED_FLAG}{tier}", 1.0)
                set_topics(message, [f"{RED_FLAG}{tier}"])
        return messages
