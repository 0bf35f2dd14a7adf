"""Conversations of several turns (`data/stories.yml`) as staff write them: what is asked, one topic after another.

What the bot says to each is what the rules say. A story that holds more than that (forms, other slots, checkpoints, a
choice of intents) is an engineer's: it is shown, and left alone. Pure on texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from patchline.workspace import yaml_text
from patchline.workspace.errors import Invalid
from patchline.workspace.topics import Topic, topics_of
from patchline.workspace.validity import ANSWERS, plain

STORIES = "data/stories.yml"
UTTER = "utter_"
MOST = 6  # turns
LONGEST = 80  # characters of a name


@dataclass(frozen=True)
class Story:
    """`turns`: the topics that are asked, in their order; None where the form cannot express the story.

    `steps` are all of it in Rasa's words: ("intent", "greet"), ("action", "utter_greet"), ("slot_was_set", …).
    """

    name: str
    turns: tuple[str, ...] | None
    steps: tuple[tuple[str, str], ...] = ()
    file: str = STORIES
    place: int = 0

    @property
    def key(self) -> str:
        """For addresses: a name is for people."""
        return hashlib.sha256(f"{self.file} {self.name}".encode()).hexdigest()[:12]


def stories(files: Mapping[str, bytes]) -> list[Story]:
    """Every story, those that staff change first."""
    known = sayable(files)
    paths = sorted((path for path in files if path.startswith("data/")), key=lambda path: (path != STORIES, path))
    found = []
    for path in paths:
        for place, one in enumerate(plain(files[path]).get("stories") or []):
            turns = _turns(one, known) if path == STORIES else None
            found.append(Story(str(one.get("story", "")), turns, tuple(_steps(one)), path, place))
    return found


def sayable(files: Mapping[str, bytes]) -> dict[str, Topic]:
    """The topics that a turn can be about: those that have the same answer wherever they are asked."""
    fixed = {intent for intent, turns in _ruled(files) if turns == [(intent, f"{UTTER}{intent}")]}
    found = {one.id: one for one in topics_of(files) if one.kind in ("document", "not_covered", "clinic", "talk")}
    return {id: one for id, one in found.items() if _intent(id) in fixed and (id.startswith(ANSWERS) or one.answer)}


def with_story(files: Mapping[str, bytes], name: str, turns: Sequence[str], was: Story | None = None) -> str:
    """`data/stories.yml` with another story; in the place of `was`, if there was one. Raises `Invalid`."""
    name, there = yaml_text.one_line(name), stories(files)
    if not name or len(name) > LONGEST:
        raise Invalid(STORIES, None, f"a conversation has a name of 1 to {LONGEST} characters")
    if any(one.name.casefold() == name.casefold() and (was is None or one.name != was.name) for one in there):
        raise Invalid(STORIES, None, f"there is a conversation {name!r} already")
    _check(files, turns)
    story = {"story": name, "steps": [step for topic in turns for step in _written(topic)]}
    place = was.place if was else sum(one.file == STORIES for one in there)
    return yaml_text.with_item(STORIES, files[STORIES].decode(), "stories", place, story, new=was is None)


def without_story(files: Mapping[str, bytes], was: Story) -> str:
    return yaml_text.with_item(STORIES, files[STORIES].decode(), "stories", was.place, None)


def _check(files: Mapping[str, bytes], turns: Sequence[str]) -> None:
    known = sayable(files)
    if not 1 <= len(turns) <= MOST:
        raise Invalid(STORIES, None, f"a conversation has 1 to {MOST} turns")
    if unknown := [topic for topic in turns if topic not in known]:
        raise Invalid(STORIES, None, f"{unknown[0]!r} is no topic that always has the same answer")
    said = [(_intent(topic), f"{UTTER}{_intent(topic)}") for topic in turns]
    for before, asked, answer in _in_context(files):
        for at in range(len(before), len(said)):
            if said[at - len(before) : at] == before and said[at][0] == asked and said[at][1] != answer:
                first, then = known[turns[at - 1]].title, known[turns[at]].title
                raise Invalid(STORIES, None, f"“{then}” right after “{first}” has an answer of its own, which"
                              " the form cannot say; ask an engineer")  # fmt: skip


def _written(topic: str) -> list[dict[str, Any]]:
    """A turn; which question about the document it is stands in the slot, for Rasa knows none but `faq` here."""
    slot = [{"slot_was_set": [{"topic": topic}]}] if topic.startswith(ANSWERS) else []
    return [{"intent": _intent(topic)}, *slot, {"action": f"{UTTER}{_intent(topic)}"}]


def _turns(story: Mapping[str, Any], known: Mapping[str, Topic]) -> tuple[str, ...] | None:
    """The topics of a story that says nothing but these and their answers."""
    steps = story.get("steps") or []
    topics = [asked for kind, asked in talk(_steps(story)) if kind == "intent"]
    holds = [step for topic in topics for step in _written(topic)] == steps and set(story) == {"story", "steps"}
    return tuple(topics) if holds and 0 < len(topics) <= MOST and all(one in known for one in topics) else None


def talk(steps: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A story's steps with the topic that is asked as the intent, where the slot after it names one.

    >>> list(talk([("intent", "faq"), ("slot_was_set", "topic: faq/relief"), ("action", "utter_faq")]))
    [('intent', 'faq/relief'), ('slot_was_set', 'topic: faq/relief'), ('action', 'utter_faq')]
    """
    given = list(steps)
    for (kind, value), (then, slot) in zip(given, [*given[1:], ("", "")], strict=True):
        topic = slot.removeprefix("topic: ") if then == "slot_was_set" else ""
        yield kind, topic if kind == "intent" and topic.startswith(f"{value}/") else value


def _steps(story: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for step in story.get("steps") or []:
        for kind, value in step.items() if isinstance(step, dict) else [("step", step)]:
            if kind == "or":
                yield "intent", " or ".join(str(one.get("intent", one)) for one in value)
            elif kind == "slot_was_set":
                yield kind, ", ".join(f"{name}: {one}" for slot in value for name, one in _pair(slot))
            else:
                yield str(kind), str(value)


def _pair(slot: Any) -> list[tuple[str, Any]]:
    return list(slot.items()) if isinstance(slot, dict) else [(str(slot), "set")]


def _intent(topic: str) -> str:
    """What Rasa's rules call it: a question about the document is `faq`, whatever it is about.

    >>> _intent("faq/lie_flat"), _intent("greet")
    ('faq', 'greet')
    """
    return topic.partition("/")[0]


def _ruled(files: Mapping[str, bytes]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(first intent, [(intent, first action after it), ...]) of every rule that holds anywhere; "or" as several."""
    for path in files:
        for rule in plain(files[path]).get("rules") or [] if path.startswith("data/") else []:
            if rule.get("condition"):
                continue
            turns: list[tuple[list[str], str]] = []
            for step in rule.get("steps") or []:
                asked = [one["intent"] for one in step.get("or", [step]) if "intent" in one]
                if asked:
                    turns.append((asked, ""))
                elif "action" in step and turns and not turns[-1][1]:
                    turns[-1] = (turns[-1][0], str(step["action"]))
            for said in _each(turns):
                yield said[0][0], said


def _each(turns: list[tuple[list[str], str]]) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = [[]]
    for asked, answer in turns:
        found = [[*before, (one, answer)] for before in found for one in asked]
    return [one for one in found if one]


def _in_context(files: Mapping[str, bytes]) -> Iterator[tuple[list[tuple[str, str]], str, str]]:
    """(turns before, intent, its answer then) of every rule of more than one turn."""
    for _, turns in _ruled(files):
        if len(turns) > 1:
            yield turns[:-1], *turns[-1]
