"""The form of a conversation: what was sent, how it reads, and saving it. Blocking; knows the workspace, no web."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from patchline.desk.editing.common import text_of
from patchline.desk.editing.preview import answers_called
from patchline.workspace import Author, Change, Conflict, Invalid, Workspace
from patchline.workspace import stories as S
from patchline.workspace import topics as T
from patchline.workspace.errors import NotThere
from patchline.workspace.stories import Story
from patchline.workspace.topics import Topic

NEW = "new"
KEY = re.compile(r"[0-9a-f]{12}")
KINDS = {"document": "From the document", "not_covered": "Not in the document",
         "clinic": "About the clinic", "talk": "Small talk, and the rest"}  # fmt: skip
Lines = list[tuple[str, str]]  # ("asks" | "says" | "note", words)


@dataclass(frozen=True)
class Draft:
    """A conversation as it stands in the form: topics in their order. `was`: the key of what is changed, or "new"."""

    was: str
    base: str
    name: str = ""
    turns: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class View:
    """What the form shows: the topics to choose from by kind, and the conversation as it is saved."""

    choices: Mapping[str, list[Topic]]
    lines: Lines
    saved: Story | None


def in_words(story: Story, everything: Mapping[str, Topic], called: Mapping[str, str]) -> Lines:
    """A story as two people would read it to each other; what is no talk is a note."""
    found: Lines = []
    asked = ""
    for kind, value in S.talk(story.steps):
        if kind == "intent":
            asked, topic = value, everything.get(value)
            found.append(("asks", topic.examples[0] if topic and topic.examples else value))
        elif kind == "action" and value.startswith(S.UTTER):
            said = value.removeprefix(S.UTTER)
            found.append(("says", called.get(said) or called.get(asked, said)))
        elif kind != "slot_was_set" or story.turns is None:
            found.append(("note", f"{kind.replace('_', ' ')}: {value}"))
    return found


def listed(workspace: Workspace) -> list[tuple[Story, Lines]]:
    files = workspace.files()
    everything, called = {one.id: one for one in T.topics_of(files)}, answers_called(files)
    return [(story, in_words(story, everything, called)) for story in S.stories(files)]


def found(files: Mapping[str, bytes], key: str) -> Story:
    """Raises `NotThere`."""
    for story in S.stories(files):
        if story.key == key:
            return story
    raise NotThere("there is no such conversation; it may have been renamed or removed")


def view(workspace: Workspace, key: str, at: str | None = None) -> tuple[View, Draft]:
    """Blocking. Raises `NotThere`."""
    head = at or workspace.head()
    files = workspace.files(head)
    known = S.sayable(files)
    choices = {name: [one for one in known.values() if one.kind == kind] for kind, name in KINDS.items()}
    if key == NEW:
        return View(choices, [], None), Draft(NEW, head)
    story = found(files, key)
    lines = in_words(story, {one.id: one for one in T.topics_of(files)}, answers_called(files))
    return View(choices, lines, story), Draft(key, head, story.name, story.turns or ())


def sent(form: FormData, key: str) -> Draft:
    turns = tuple(one for number in range(1, S.MOST + 1) if (one := text_of(form, f"turn:{number}")))
    return Draft(key, text_of(form, "base"), text_of(form, "name").strip(), turns, text_of(form, "message").strip())


def save(workspace: Workspace, draft: Draft, author: Author, remove: bool = False) -> tuple[Change, str]:
    """The change, and the conversation's key from then on. Raises `Conflict`, `Invalid`, `NotThere`, `Unchanged`."""
    try:
        return _save(workspace, draft, author, remove)
    except Conflict as conflict:
        before, now = (S.stories(workspace.files(at)) for at in (draft.base, conflict.base))
        if draft.was != NEW and _of(before, draft.was) != _of(now, draft.was):
            raise
        return _save(workspace, replace(draft, base=conflict.base), author, remove)  # neighbours only


def _save(workspace: Workspace, draft: Draft, author: Author, remove: bool) -> tuple[Change, str]:
    files = workspace.files(draft.base)
    was = None if draft.was == NEW else found(files, draft.was)
    if was and was.turns is None:
        raise Invalid(was.file, None, "this conversation holds what the form cannot say; an engineer changes it")
    if remove and was:
        text, says = S.without_story(files, was), f"Conversation removed: {was.name}"
    else:
        text = S.with_story(files, draft.name, draft.turns, was)
        says = f"{'Conversation' if was else 'New conversation'}: {draft.name}"
    change = workspace.save({S.STORIES: text}, author, draft.message or says, draft.base)
    return change, next((one.key for one in S.stories(workspace.files()) if one.name == draft.name), "")


def _of(stories: list[Story], key: str) -> tuple[tuple[str, str], ...] | None:
    return next((one.steps for one in stories if one.key == key), None)


def answered(workspace: Workspace, draft: Draft, conflict: Conflict) -> tuple[Lines, Draft]:
    """What somebody else made of the conversation meanwhile, and the draft on top of it."""
    still = [one for one in S.stories(workspace.files(conflict.base)) if one.key == draft.was]
    lines = view(workspace, draft.was, conflict.base)[0].lines if still else []
    return lines, replace(draft, base=conflict.base, was=draft.was if still else NEW)
