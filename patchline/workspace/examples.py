"""How patients ask: the block of examples of a topic, `- …` a line. Pure on texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ruamel.yaml.scalarstring import LiteralScalarString

from patchline import phones
from patchline.workspace import yaml_text
from patchline.workspace.errors import Invalid

LONGEST = 1000  # characters; a patient's message has no more
WITH_NUMBERS = "give_details"  # the one topic whose examples are names and made-up numbers
REGION = "US"  # a number of another country is found by its prefix


def with_examples(
    text: str, topic: str, add: Iterable[str] = (), remove: Iterable[str] = (), path: str = "the file"
) -> str:
    """A file's text with other examples of a topic. New ones go to the end; one that stands there already is left out.

    Raises `Invalid` for a sentence without words, for one that is too long or has somebody's telephone number, or where
    the topic is not in the file.
    """
    node = yaml_text.load(path, text)
    entry = next((one for one in node.get("nlu") or [] if one.get("intent") == topic), None)
    if entry is None:
        raise Invalid(path, None, f"the examples of {topic!r} are missing")
    gone = {as_example(one) for one in remove}
    kept = [line for line in str(entry["examples"]).splitlines() if line.strip() and sentence_of(line) not in gone]
    there = {same_words(sentence_of(line)) for line in kept}
    for one in add:
        sentence = as_example(one)
        if not sentence or len(sentence) > LONGEST:
            raise Invalid(path, None, f"an example has 1 to {LONGEST} characters")
        if topic != WITH_NUMBERS and isinstance(phones.find(sentence, REGION), phones.Number):
            raise Invalid(path, None, f"“{sentence}” has a telephone number in it: take it out, and names, too")
        if same_words(sentence) not in there:
            there.add(same_words(sentence))
            kept.append(f"- {sentence}")
    if not kept:
        raise Invalid(path, None, "the last example of a topic cannot be removed: nobody would reach it")
    entry["examples"] = LiteralScalarString("".join(f"{line}\n" for line in kept))
    return yaml_text.dump(node)


def as_example(sentence: str) -> str:
    """A sentence as an example holds it: on one line, and nothing in it that Rasa reads as its own marks.

    >>> as_example("is [this](that)\\nsafe")
    'is [this] (that) safe'
    """
    return re.sub(r"\](?=[({])", "] ", re.sub(r"^-( |$)", "", yaml_text.one_line(sentence))).strip()


def same_words(sentence: str) -> str:
    """What two sentences have in common that differ in marks and capitals alone."""
    return " ".join(re.findall(r"\w+", sentence.casefold())) or sentence


def sentence_of(line: str) -> str:
    """What a line of the block says.

    >>> sentence_of("    - is it safe")
    'is it safe'
    """
    return line.strip().removeprefix("- ").strip()
