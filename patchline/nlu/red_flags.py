"""Rasa graph component, last in the pipeline: a warning sign takes precedence over whatever else a message says.

Two nets: what the intent model sees in the whole sentence, and the rules of `patchline.safety`. Also the place where a
Spanish message is recognised: its warning signs are answered in Spanish, anything else with the clinic line.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from patchline import safety, settings
from patchline.nlu.intent_classifier import RED_FLAG_PROBABILITY, SECOND_NET, set_intent, set_topics
from patchline.nlu.understanding import ANSWERED_FROM_DOCUMENT, CHECK, FALLBACK, RED_FLAG, SPANISH, WHAT_IF
from patchline.safety.model import SOFT, TIERS, worst
from patchline.safety.text import clean

RAISED = "raised"  # message property: what was raised and by which net; {tier, source, language, relative}
ASKED, LANGUAGE, RELATIVE = "asked", "language", "relative"  # entities and slots
SPANISH_ANSWERS = {"sí": "affirm", "si": "affirm", "no": "deny"}  # the first word of a short answer to a question
LONGEST_ANSWER = 5  # words
SAYS_NOTHING = (FALLBACK, "affirm", "deny", "greet", "goodbye", "thanks", "feedback_negative", "help")
ANSWERED = ("faq", "not_covered", "several_questions")
LIKELIER = 0.5  # probability from which an intent is likelier than all others together
NEAR = 0.2  # probability from which a message is not far from a warning sign
ENGLISH_FROM = 4  # words: "no" and "ok" do not say which language somebody speaks


@dataclass(frozen=True)
class Raised:
    """What both nets made of one message: `tier` None where neither raised. `source`: "rules", "model" or "both"."""

    tier: str | None
    source: str | None
    language: str
    relative: bool

    @property
    def intent(self) -> str:
        """E.g. "red_flag/clinic_es_they"; the response of that name has the wording."""
        spanish, they = "_es" if self.language == "es" else "", "_they" if self.relative else ""
        return f"{RED_FLAG}{self.tier}{spanish}{they}"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RedFlags(GraphComponent):
    """Sets the intent `red_flag/<tier>` where either net sees a warning sign, with `_es` in Spanish and `_they` where a
    relative writes; `what_if` where one is only asked about or past; `check` where a message is alarming but vague.

    The model raises alone. The rules raise where the model gives warning signs at least the probability `supported`,
    and alone in Spanish, which it does not know, and where a model knows no warning signs. Between `check` and a sign
    that is raised, a message gets one short question and the number. Why: docs/decisions/0006-two-nets.md.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"supported": 0.35, "check": 0.35, "content": None}  # content: the folder, where not this process's own

    def __init__(self, config: dict[str, Any]) -> None:
        self._supported, self._check = config["supported"], config["check"]
        self._detector = safety.Detector(safety.load(config["content"] or settings.from_environment().content))

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
                self._decide(message, self._detector.detect(clean(text)))
        return messages

    def _decide(self, message: Message, detection: safety.Detection) -> None:
        intent = message.get(INTENT)["name"]
        spanish = detection.language == "es"
        raised = self._raised(message, detection)
        message.set(RAISED, asdict(raised), add_to_output=True)
        if raised.tier is not None:
            set_intent(message, raised.intent, 1.0)
            set_topics(message, [f"{RED_FLAG}{raised.tier}"])
        elif asked_about(detection) and (spanish or self._is_only_asked(message, intent, detection)):
            set_intent(message, WHAT_IF, 1.0)
            set_topics(message, [WHAT_IF])
        elif not spanish and (detection.unclear or self._is_unsure(message, intent)):
            set_intent(message, CHECK, 1.0)
            set_topics(message, [])
        elif spanish:
            set_intent(message, _spanish_answer(message.get(TEXT)) or SPANISH, 1.0)
            set_topics(message, [])
        elif intent == RED_FLAG.removesuffix("/"):
            self._lower(message)
        self._remember(message, detection)

    def _raised(self, message: Message, detection: safety.Detection) -> Raised:
        """The worse tier of both nets."""
        probability = message.get(RED_FLAG_PROBABILITY)
        if detection.language == "es" or probability is None:  # nobody else can look, so weak patterns count, too
            rules, model = detection.tier, None
        else:
            rules = detection.sure_tier if probability >= self._supported else None
            model = message.get(SECOND_NET)
        tier = worst([rules, model])
        source = "both" if rules and model else "rules" if rules else "model" if model else None
        return Raised(tier, source, detection.language, detection.relative)

    def _is_unsure(self, message: Message, intent: str) -> bool:
        """Whether a message is near a warning sign, and no question of the document is likelier than all else."""
        answered = intent in ANSWERED and (message.get(INTENT).get("confidence") or 0) >= LIKELIER
        return (message.get(RED_FLAG_PROBABILITY) or 0) >= self._check and not answered

    def _is_only_asked(self, message: Message, intent: str, detection: safety.Detection) -> bool:
        """Whether a sign that is hypothetical, past or somebody else's is what the message is about.

        It is not where the message asks a question of the document: "I had a fever last year, do I tell you?" But where
        the model is not far from a warning sign, a hypothetical one is: "could I have a stroke from it?"
        """
        near = (message.get(RED_FLAG_PROBABILITY) or 0) >= NEAR
        if intent not in ANSWERED:
            return near or intent in (WHAT_IF, *SAYS_NOTHING)
        return near and any(flag.status == "hypothetical" for flag in detection.flags)

    @staticmethod
    def _lower(message: Message) -> None:
        """Likelier than anything else, and yet not likely: the next best intent is meant."""
        ranking = [item for item in message.get(INTENT_RANKING_KEY) if not item["name"].startswith(RED_FLAG)]
        set_intent(message, ranking[0]["name"], ranking[0]["confidence"])
        set_topics(message, [ranking[0]["name"]] if ranking[0]["name"].startswith(ANSWERED_FROM_DOCUMENT) else [])

    @staticmethod
    def _remember(message: Message, detection: safety.Detection) -> None:
        """Fill the slots that choose a wording: which tier a question was about, who writes, and in which language."""
        intent, found = message.get(INTENT)["name"], {}
        if intent == CHECK:
            found[ASKED] = TIERS[0]  # the check asks about the clinic's own list
        if intent == WHAT_IF:
            found[ASKED] = asked_about(detection) or _likeliest(message) or TIERS[0]
        if intent in (WHAT_IF, CHECK, RED_FLAG.removesuffix("/")):
            found[RELATIVE] = detection.relative
        if detection.language == "es" or intent in (WHAT_IF, CHECK) or len(message.get(TEXT).split()) >= ENGLISH_FROM:
            found[LANGUAGE] = detection.language
        entities = [
            {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "RedFlags"}
            for name, value in found.items()
        ]
        message.set(ENTITIES, [*(message.get(ENTITIES) or []), *entities], add_to_output=True)


def _spanish_answer(text: str) -> str | None:
    """Yes or no, where a short Spanish message begins with it.

    >>> _spanish_answer("Sí, ahora mismo"), _spanish_answer("¿Puedo comer?")
    ('affirm', None)
    """
    words = re.findall(r"\w+", text.lower())
    return SPANISH_ANSWERS.get(words[0]) if words and len(words) <= LONGEST_ANSWER else None


def asked_about(detection: safety.Detection) -> str | None:
    """The worst tier among signs that are only asked about, past, or somebody else's; None where there is none.

    Weak words count neither as such a sign nor as a present one beside it.
    """
    return worst(flag.tier for flag in detection.flags if flag.status in SOFT and not flag.weak)


def _likeliest(message: Message) -> str | None:
    """The tier that the intent model finds likeliest, where it finds any at all likely."""
    ranking = message.get(INTENT_RANKING_KEY) or []
    return next((item["name"].removeprefix(RED_FLAG) for item in ranking if item["name"].startswith(RED_FLAG)), None)
