"""Topics as staff see them: an answer with its title, cited lines and buttons, and how patients ask. Pure on texts.

An answer stands in the topic's own file (`data/faq/numbing.yml`), or for small talk in `domain.yml`; that of a warning
sign is a wording of `content/wordings.yml`, which is signed there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from patchline.workspace import yaml_text
from patchline.workspace.errors import Invalid, NotThere
from patchline.workspace.examples import as_example, same_words, sentence_of, with_examples
from patchline.workspace.repository import Repository
from patchline.workspace.validity import ANSWERS, plain

__all__ = [
    "Topic",
    "answers_called",
    "as_example",
    "new_topic",
    "same_words",
    "topic",
    "topics",
    "topics_of",
    "with_answer",
    "with_examples",
]
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
DOMAIN = "domain.yml"
HEADER = (
    "# {title}: the answer and its sources first, then how patients ask."
    ' Guide: README, "Add or change a question".\n'
    "version: '3.1'\n"
)
# Intents whose name says too little, or that no answer gives a title.
TITLES = {
    "out_of_scope": "Not for us (out of scope)",
    "red_flag/clinic": "Warning sign: call the clinic today",
    "red_flag/emergency": "Warning sign: emergency",
    "red_flag/crisis": "Warning sign: crisis",
    "what_if": "Asks what if a warning sign came",
    "nlu_fallback": "Not understood",
    "check": "Vague, but alarming",
    "happening_now": "“Yes, it is happening now”",
    "not_happening": "“No, it is not happening”",
    "ask_if_sure": "“Are you sure?”, after a warning",
    "ask_if_worse": "“Is it worse?”, after a warning",
    "ask_what_now": "“What do I do now?”, after a warning",
    "better_now": "“It is better now”, after a warning",
    "called_already": "“I have called already”",
    "no_answer": "“Nobody answers”",
    "ask_how_long": "“How long?”",
    "ask_why": "“Why?”",
    "ask_if_it_hurts": "“Does it hurt?”",
    "ask_more": "“Tell me more”",
    "ask_how_much": "“How much?”",
    "ask_when": "“When?”",
    "give_details": "A name, a number or a time for a form",
    "several_questions": "Several questions at once",
    "affirm": "Yes",
    "deny": "No",
    "greet": "Hello",
    "goodbye": "Goodbye",
    "thanks": "Thank you",
    "bot_challenge": "“Are you a robot?”",
    "feedback_negative": "“That was no help”",
    "spanish": "In Spanish",
}


KINDS = {"faq": "document", "not_covered": "not_covered", "clinic": "clinic"}  # of topics with an answer that is signed
NEW_IN = ("faq", "not_covered")  # where staff may make a topic


@dataclass(frozen=True)
class Topic:
    """What patients ask and what they are answered, e.g. `Topic("faq/numbing", "Numbing and pain during it", ...)`."""

    id: str  # the full intent
    title: str
    file: str  # where the examples stand
    answer_file: str | None  # where the answer stands; None: it has none of its own
    answer: str  # as it is written, with {line}; "" where a wording is said
    wording: str | None  # the id in content/wordings.yml that is said instead
    sources: tuple[str, ...]  # ids of the document's lines
    next: tuple[str, ...]  # topics that are offered as buttons
    examples: tuple[str, ...]
    options: tuple[str, ...] = ()  # buttons that begin a form, e.g. "callback"; engineers change them
    buttons: tuple[tuple[str, str], ...] = ()  # (title, payload) of buttons with words of their own; engineers', too
    links: tuple[str, ...] = ()  # links by name, e.g. "map"; engineers change them
    variations: int = 1  # how many ways the answer is worded; forms change the first

    @property
    def kind(self) -> str:
        """'document' (faq), 'not_covered', 'clinic' (its facts), 'safety', 'talk', or 'button' for what is pressed."""
        if self.id.startswith("press_"):
            return "button"
        if self.id.startswith(ANSWERS):
            return KINDS[self.id.partition("/")[0]]
        return "safety" if self.file.startswith("data/safety/") else "talk"


def topics(workspace: Repository, at: str | None = None) -> list[Topic]:
    """Every topic that patients' sentences are taught for, by file and then as they stand there."""
    return topics_of(workspace.files(at))


def topics_of(files: Mapping[str, bytes]) -> list[Topic]:
    """The same of files by path."""
    answers = _answers(files)
    found: dict[str, Topic] = {}
    for path in sorted(files):
        if not path.startswith("data/"):
            continue
        for entry in plain(files[path]).get("nlu") or []:
            if isinstance(entry, dict) and "intent" in entry:
                topic = _topic(str(entry["intent"]), path, _lines(entry.get("examples")), answers)
                before = found.get(topic.id)
                found[topic.id] = topic if before is None else _more(before, topic)
    return list(found.values())


def topic(workspace: Repository, id: str, at: str | None = None) -> Topic:
    """One topic. Raises `NotThere` for an unknown one."""
    for one in topics(workspace, at):
        if one.id == id:
            return one
    raise NotThere(f"there is no topic {id!r}")


def answers_called(files: Mapping[str, bytes]) -> dict[str, str]:
    """What people call each answer: its title, or its first line as it is written."""
    return {
        id: (said[0].get("metadata") or {}).get("title") or str(said[0].get("text", "")).strip().split("\n")[0]
        for id, (_, said) in _answers(files).items()
    }


def with_answer(
    text: str,
    topic: str,
    *,
    answer: str | None = None,
    title: str | None = None,
    sources: Sequence[str] | None = None,
    next: Sequence[str] | None = None,
    path: str = "the file",
) -> str:
    """A file's text with another answer of a topic; None leaves a part as it is. Raises `Invalid`."""
    node = yaml_text.load(path, text)
    name = f"utter_{topic}"
    if name not in (node.get("responses") or {}):
        raise Invalid(path, None, f"the answer {name!r} is missing")
    said = node["responses"][name][0]
    if answer is not None and answer.strip() != str(said["text"]).strip():
        said["text"] = yaml_text.block(answer, like=said["text"])
    about = said.setdefault("metadata", CommentedMap()) if title or sources or next else said.get("metadata")
    if title is not None and about is not None:
        title = yaml_text.one_line(title)
        about.update({"title": title} if about.get("title", "") != title else {})
    for key, wanted in (("sources", sources), ("next", next)):
        if wanted is not None and about is not None and list(wanted) != list(about.get(key) or []):
            about[key] = CommentedSeq(wanted)
    return yaml_text.dump(node)


def new_topic(
    files: Mapping[str, bytes],
    id: str,
    title: str,
    answer: str,
    sources: Sequence[str],
    next: Sequence[str],
    examples: Sequence[str],
) -> dict[str, str]:
    """The edits for `Workspace.save` that make a topic, e.g. "faq/parking": its file, and its name in `domain.yml`.

    Raises `Invalid` for a name that is none or is taken.
    """
    group, _, name = id.partition("/")
    path = f"data/{group}/{name}.yml"
    if group not in NEW_IN or not NAME.fullmatch(name):
        raise Invalid(path, None, "a topic's name is faq/ or not_covered/ with small letters, digits and _ behind it")
    if path in files or any(one.id == id for one in topics_of(files)):
        raise Invalid(path, None, f"there is a topic {id!r} already")
    title = yaml_text.one_line(title)
    about = {"title": title, "sources": list(sources), "next": list(next)}
    said = {"text": LiteralScalarString(f"{answer.strip()}\n"), "metadata": about}
    asked = {"intent": id, "examples": LiteralScalarString("- x\n")}
    text = HEADER.format(title=title) + yaml_text.dump({"responses": {f"utter_{id}": [said]}, "nlu": [asked]})
    text = with_examples(
        text, id, add=examples, remove=["x"] if "x" not in map(as_example, examples) else (), path=path
    )
    return {path: text, DOMAIN: _with_slot_value(files[DOMAIN].decode(), id)}


def _with_slot_value(text: str, topic: str) -> str:
    """`domain.yml` with the topic among the values that the slot `topic` may have: follow-up rules can then name it."""
    node = yaml_text.load(DOMAIN, text)
    values = node["slots"]["topic"]["values"]
    if topic in values:
        return text
    like = [place for place, value in enumerate(values) if value.split("/")[0] == topic.split("/")[0]]
    values.insert(like[-1] + 1 if like else len(values), topic)
    return yaml_text.dump(node)


def _topic(id: str, path: str, examples: tuple[str, ...], answers: Mapping[str, tuple[str, list[Any]]]) -> Topic:
    file, variations = answers.get(id, (None, []))
    said = variations[0] if variations else {}
    about = said.get("metadata") or {}
    wording = about.get("wording")
    return Topic(
        id=id,
        title=about.get("title") or TITLES.get(id) or id.rpartition("/")[2].replace("_", " ").capitalize(),
        file=path,
        answer_file=file,
        answer="" if wording else str(said.get("text", "")).strip(),
        wording=wording,
        sources=tuple(about.get("sources") or ()),
        next=tuple(about.get("next") or ()),
        examples=examples,
        options=tuple(about.get("options") or ()),
        links=tuple(about.get("links") or ()),
        buttons=tuple((one["title"], one["payload"]) for one in said.get("buttons") or ()),
        variations=len(variations),
    )


def _more(one: Topic, other: Topic) -> Topic:
    return Topic(**{**vars(one), "examples": one.examples + other.examples})


def _answers(files: Mapping[str, bytes]) -> dict[str, tuple[str, list[Any]]]:
    return {
        name.removeprefix("utter_"): (path, variations)
        for path in sorted(files)
        if path.startswith("data/") or path == DOMAIN
        for name, variations in (plain(files[path]).get("responses") or {}).items()
        if variations and "same_as" not in (variations[0].get("metadata") or {})
    }


def _lines(examples: Any) -> tuple[str, ...]:
    return tuple(sentence_of(line) for line in str(examples or "").splitlines() if line.strip())
