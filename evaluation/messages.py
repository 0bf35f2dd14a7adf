"""Labelled messages: the development questions and the training examples, read from their YAML files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from patchline.trial.plain import plain

ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")  # Rasa's [word](entity) and [word]{"entity": ...}


class MessagesError(Exception):
    """A file of messages is missing or has another shape; the message names it."""


@dataclass(frozen=True)
class Message:
    """What somebody wrote and the topic or intent that it belongs to."""

    text: str
    label: str


def questions(path: Path) -> list[Message]:
    """The development questions that are scored, in the file's order."""
    return _list_by_topic(path, "questions")


def everyday(path: Path) -> list[Message]:
    """The messages of the development set that training data may hold too; they are not scored."""
    return _list_by_topic(path, "everyday")


def training_examples(folder: Path) -> list[Message]:
    """All examples of all intents in Rasa's NLU files below `folder`, in the order of the file names.

    Retrieval intents keep their full name, e.g. ``faq/lie_flat``; entity marks are taken off.
    """
    found: list[Message] = []
    for path in sorted([*folder.rglob("*.yml"), *folder.rglob("*.yaml")]):
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        for item in data.get("nlu", []) if isinstance(data, dict) else []:
            if "intent" in item:
                found += [Message(text, str(item["intent"])) for text in _examples(path, item.get("examples", ""))]
    return found


def leaks(training: Sequence[Message], held_out: Sequence[Message]) -> list[tuple[Message, Message]]:
    """Pairs (training example, held-out question) that are the same sentence, see `plain`."""
    by_plain = {plain(message.text): message for message in held_out}
    return [(example, by_plain[key]) for example in training if (key := plain(example.text)) in by_plain]


def near_twins(training: Sequence[Message], held_out: Sequence[Message], alike: float = 80.0) -> list[bool]:
    """For each held-out message: does training hold one that is nearly the same, letter by letter (of 100)?

    Writers who never saw each other's work do hit on the same words; figures without these are the harder ones.
    """
    from rapidfuzz import fuzz, process

    known = [plain(example.text) for example in training]
    texts = (plain(message.text) for message in held_out)
    return [process.extractOne(text, known, scorer=fuzz.ratio, score_cutoff=alike) is not None for text in texts]


def _list_by_topic(path: Path, section: str) -> list[Message]:
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return [Message(text, group["topic"]) for group in data[section] for text in group["messages"]]
    except (OSError, KeyError, TypeError) as error:
        raise MessagesError(f"{path}: no list of messages by topic under {section!r} ({error})") from error


def _examples(path: Path, examples: Any) -> Iterator[str]:
    if isinstance(examples, str):
        for line in examples.splitlines():
            if line.strip():
                if not line.lstrip().startswith("-"):
                    raise MessagesError(f"{path}: an example must start with '- ': {line!r}")
                yield ENTITY.sub(r"\1", line.strip().removeprefix("-").strip())
    else:
        for example in examples:
            yield ENTITY.sub(r"\1", str(example["text"] if isinstance(example, dict) else example).strip())
