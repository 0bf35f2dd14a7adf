"""Rasa graph component, last in the pipeline: a warning sign takes precedence over whatever else a message says.

Two nets, weighed together: what the sign model sees, and the rules of `patchline.safety`; `decision` says what follows.
Also the place where a Spanish message is recognised: its warning signs are answered in Spanish, anything else with the
clinic line.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from patchline import safety, settings
from patchline.nlu import decision
from patchline.nlu.decision import Decision, Limits, Seen
from patchline.nlu.intent_classifier import EVIDENCE, set_intent, set_topics
from patchline.nlu.understanding import CHECK, FALLBACK, RED_FLAG, SPANISH, WHAT_IF
from patchline.safety.model import SOFT, TIERS, worst
from patchline.safety.text import clean

RAISED = "raised"  # message property: what was raised and by which net; {tier, source, language, relative}
DECIDED = "decided"  # message property: {outcome, probability, reasons}, for `explain` and the journal
ASKED, LANGUAGE, RELATIVE = "asked", "language", "relative"  # entities and slots
SPANISH_ANSWERS = {"sí": "affirm", "si": "affirm", "no": "deny"}  # the first word of a short answer to a question
LONGEST_ANSWER = 5  # words
HAPPENING_NOW = "happening_now"  # "yes, I have that now": the answer to "is this happening to you?"
SAYS_NOTHING = (FALLBACK, "affirm", "deny", "greet", "goodbye", "thanks", "feedback_negative", "help")
ANSWERED = ("faq", "not_covered", "clinic", "several_questions")
SURE_QUESTION = 0.5  # probability from which a topic is likelier than all others together
ENGLISH_FROM = 4  # words: "no" and "ok" do not say which language somebody speaks


@dataclass(frozen=True)
class Raised:
    """What was made of one message: `tier` None where nothing was raised. `source`: "rules", "model" or "both"."""

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
    """Sets the intent `red_flag/<tier>` where a warning sign is raised, with `_es` in Spanish and `_they` where a
    relative writes; `check` where it is in doubt or alarming but vague; `what_if` where a sign is only asked about or
    past.

    Why: docs/decisions/0010-two-questions-two-models.md.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**vars(Limits()), "content": None}  # content: the folder, where not this process's own

    def __init__(self, config: dict[str, Any]) -> None:
        self._limits = Limits(**{key: config[key] for key in vars(Limits())})
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
        seen = self._seen(message, detection)
        decided = decision.decide(detection, seen, self._limits)
        raised = Raised(decided.tier, decided.source, detection.language, detection.relative)
        message.set(RAISED, asdict(raised), add_to_output=True)
        message.set(DECIDED, _told(decided, seen), add_to_output=True)
        if raised.tier is not None:
            set_intent(message, raised.intent, 1.0)
            set_topics(message, [f"{RED_FLAG}{raised.tier}"])
        elif not spanish and (decided.outcome == decision.CHECK or self._is_vague(detection, seen)):
            set_intent(message, CHECK, 1.0)
            set_topics(message, [])
        elif asked_about(detection) and (spanish or intent in SAYS_NOTHING):
            set_intent(message, WHAT_IF, 1.0)
            set_topics(message, [WHAT_IF])
        elif spanish:
            set_intent(message, _spanish_answer(message.get(TEXT)) or SPANISH, 1.0)
            set_topics(message, [])
        self._remember(message, detection)

    def _seen(self, message: Message, detection: safety.Detection) -> Seen | None:
        """What the models see; None where nobody else can look than the rules."""
        evidence = message.get(EVIDENCE)
        if evidence is None or detection.language == "es":
            return None
        intent = message.get(INTENT)
        sure = (intent.get("confidence") or 0) >= SURE_QUESTION
        return evidence.seen(detection, question=intent["name"] in ANSWERED and sure)

    def _is_vague(self, detection: safety.Detection, seen: Seen | None) -> bool:
        """Whether a message is alarming by its words, and asks nothing that is clear."""
        return detection.unclear and not (seen and seen.question)

    @staticmethod
    def _remember(message: Message, detection: safety.Detection) -> None:
        """Fill the slots that choose a wording: which tier a question was about, who writes, and in which language."""
        intent = message.get(INTENT)["name"]
        found: dict[str, Any] = {}
        if intent == CHECK:
            found[ASKED] = TIERS[0]  # the check asks about the clinic's own list
        if intent == WHAT_IF:
            found[ASKED] = asked_about(detection) or TIERS[0]
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


def _told(decided: Decision, seen: Seen | None) -> dict[str, Any]:
    """A decision as it is kept: no word of the patient."""
    return {
        "outcome": decided.outcome,
        "probability": round(seen.probability, 4) if seen else None,
        "reasons": list(decided.reasons),
    }
