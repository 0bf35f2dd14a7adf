"""Topics in plain words, as patients and staff read them, and the answers of a set of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patchline.training.sources import read
from patchline.trial.report import Meaning

UTTER = "utter_"
WORDS = {  # what has no title of its own in the files
    "red_flag": "Warning signs",
    "red_flag/clinic": "Warning sign: call the clinic today",
    "red_flag/emergency": "Warning sign: call 911 now",
    "red_flag/crisis": "Warning sign: crisis, call 988",
    "nlu_fallback": "Not understood: asks back",
    "out_of_scope": "Not about the procedure",
    "what_if": "Only asks about a warning sign",
    "check": "Asks whether something is wrong, with the number",
    "several_questions": "Several questions",
    "spanish": "Spanish: the clinic's number",
    "affirm": "Yes",
    "deny": "No",
    "greet": "Greeting",
    "goodbye": "Goodbye",
    "thanks": "Thanks",
    "bot_challenge": "Asks whether this is a person",
    "help": "What I can help with",
    "feedback_negative": "Complaint about the answer",
}


@dataclass(frozen=True)
class Answers:
    """Titles and words of all answers of one set of files, by topic."""

    titles: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def title(self, topic: str) -> str:
        """One topic, or several joined by " + ", in plain words.

        >>> Answers({"faq/lie_flat": "Lying flat after it"}).title("faq/lie_flat + nlu_fallback")
        'Lying flat after it + Not understood: asks back'
        """
        return " + ".join(self._title(one) for one in topic.split(" + "))

    def meaning(self, topic: str) -> Meaning:
        return Meaning(topic, self.title(topic))

    def _title(self, topic: str) -> str:
        words = topic.rpartition("/")[2].replace("_", " ")
        return self.titles.get(topic) or WORDS.get(topic) or words[:1].upper() + words[1:]


def answers(files: Path) -> Answers:
    """Read every response of `domain.yml` and `data/`. Raises `ModelError` with file and line for a broken file."""
    titles: dict[str, str] = {}
    texts: dict[str, str] = {}
    for path in (files / "domain.yml", *sorted((files / "data").rglob("*.yml"))):
        data = read(files, path)
        responses = data.get("responses") if isinstance(data, dict) else None
        for name, variants in (responses or {}).items():
            topic = str(name).removeprefix(UTTER)
            texts[topic] = _text(variants)
            if title := _title(variants):
                titles[topic] = title
    return Answers(titles, texts)


def _title(variants: Any) -> str:
    first = variants[0] if isinstance(variants, list) and variants and isinstance(variants[0], dict) else {}
    return str((first.get("metadata") or {}).get("title") or "")


def _text(variants: Any) -> str:
    """What the patient reads; variants (by a slot's value) one after the other."""
    found = (item.get("text") for item in variants or [] if isinstance(item, dict))
    return "\n\n".join(str(text).strip() for text in found if text)
