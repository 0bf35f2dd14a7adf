"""Rasa policy: rules, and a warning sign that closes an open form at once.

Rasa gives every message to an open form first, and the form asks the action server what to make of it. A warning sign
must not wait for that: its wording depends on nobody, also when the action server hangs in the middle of a form.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from patchline.nlu.understanding import CHECK, RED_FLAG, WHAT_IF

WARNING = RED_FLAG.removesuffix("/")
ALARMING = (WARNING, WHAT_IF, CHECK)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class Rules(RulePolicy):
    """Rasa's own policy but for an open form: a warning sign is not its business, and an answer about warning signs
    closes it. What was given so far stays in the slots, for a form that is opened again.
    """

    @staticmethod
    def _find_action_from_loop_happy_path(tracker: DialogueStateTracker) -> tuple[str | None, str | None]:
        if _just_said(tracker, WARNING):
            return None, None
        return RulePolicy._find_action_from_loop_happy_path(tracker)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        prediction = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        chosen = domain.action_names_or_texts[prediction.probabilities.index(max(prediction.probabilities))]
        if tracker.active_loop_name not in (None, chosen) and _just_said(tracker, *ALARMING):
            prediction.events = [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
        return prediction


def _just_said(tracker: DialogueStateTracker, *intents: str) -> bool:
    """Whether a message of one of these intents waits for its answer."""
    latest = tracker.latest_message
    return tracker.latest_action_name == ACTION_LISTEN_NAME and latest is not None and latest.intent_name in intents
