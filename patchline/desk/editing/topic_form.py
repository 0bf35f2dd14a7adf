"""The form of a topic: what was sent, what is wrong with it, and saving it. Blocking; knows the workspace, no web."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from patchline.content import Content
from patchline.desk.editing.common import text_of
from patchline.desk.editing.preview import Preview, of_answer
from patchline.workspace import Author, Change, Conflict, Workspace
from patchline.workspace import follow_ups as F
from patchline.workspace import topics as T
from patchline.workspace.checks import Problem, answer_problems
from patchline.workspace.topics import Topic

COMPARED = {"title": "the title", "answer": "the answer", "sources": "the cited lines", "next": "the buttons"}
AFTER = "after:"  # before the name of a short question: its field in the form

ON_BUTTONS = ("talk_to_person", "request_appointment", "help")


@dataclass(frozen=True)
class Draft:
    """A topic as it stands in the form. `add` has a sentence a line.

    `after`: short question -> the topic whose answer it gets after this one, "" for nothing special.
    """

    base: str
    title: str
    answer: str
    sources: tuple[str, ...]
    next: tuple[str, ...]
    add: str = ""
    remove: tuple[str, ...] = ()
    message: str = ""
    after: Mapping[str, str] = field(default_factory=dict)

    @property
    def added(self) -> list[str]:
        return [line.strip() for line in self.add.splitlines() if line.strip()]


@dataclass(frozen=True)
class Theirs:
    """What somebody else saved meanwhile in the same place."""

    by: str
    field: str  # "the answer"
    text: str


def offered(everything: Iterable[Topic]) -> list[Topic]:
    """What may stand on a button below an answer."""
    return [one for one in everything if one.kind in ("document", "not_covered", "clinic") or one.id in ON_BUTTONS]


def draft_of(topic: Topic, base: str, after: Mapping[str, str]) -> Draft:
    return Draft(base, topic.title, topic.answer, topic.sources, topic.next, after=after)


def sent(form: FormData) -> Draft:
    """What a browser sent."""
    several: dict[str, Any] = {
        name: tuple(str(one) for one in form.getlist(name)) for name in ("sources", "next", "remove")
    }
    one: dict[str, Any] = {name: text_of(form, name).strip() for name in ("base", "title", "answer", "add", "message")}
    after = {name.removeprefix(AFTER): text_of(form, name) for name in form if name.startswith(AFTER)}
    return Draft(**one, **several, after=after)


def after_of(files: Mapping[str, bytes], topic: Topic) -> dict[str, str]:
    """What the form can say of the short questions after a topic: all of them, but where an engineer's rule stands."""
    if not topic.answer or topic.kind == "safety" or not F.may_follow(files, topic.id):
        return {}
    there = {one.question: one for one in F.follow_ups(files, topic.id)}
    kinds = [one for one in F.questions(files) if one not in there or there[one].place is not None]
    return {one: there[one].topic if one in there else "" for one in kinds}


def ordered(draft: Draft, topic: Topic) -> Draft:
    """Ticked boxes come in the page's order; what was chosen before stays in the order that it had."""

    def sorted_by(old: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(chosen, key=lambda one: old.index(one) if one in old else len(old)))

    return replace(draft, sources=sorted_by(topic.sources, draft.sources), next=sorted_by(topic.next, draft.next))


def save(workspace: Workspace, id: str, draft: Draft, author: Author) -> Change:
    """Raises `Conflict`, `Invalid`, `Unchanged`."""
    try:
        return _save(workspace, id, draft, author)
    except Conflict as conflict:
        draft, asked = after_conflict(workspace, id, draft, conflict)
        if asked:
            raise
        return _save(workspace, id, draft, author)  # the lines touch, but nobody disagrees


def _save(workspace: Workspace, id: str, draft: Draft, author: Author) -> Change:
    files = workspace.files(draft.base)
    topic = T.topic(workspace, id, draft.base)
    draft = ordered(draft, topic)
    texts = {path: files[path].decode() for path in {topic.file, topic.answer_file} if path}
    if topic.answer_file and not topic.wording:
        path = topic.answer_file
        about: dict[str, Any] = {"title": draft.title} if draft.title != topic.title else {}
        about |= {"sources": draft.sources} if draft.sources != topic.sources else {}
        about |= {"next": draft.next} if draft.next != topic.next else {}
        texts[path] = T.with_answer(texts[path], id, answer=draft.answer, path=path, **about)
    if draft.added or draft.remove:
        texts[topic.file] = T.with_examples(texts[topic.file], id, draft.added, draft.remove, topic.file)
    after = {one: answer for one, answer in draft.after.items() if answer != after_of(files, topic).get(one, "")}
    texts |= F.with_follow_ups(files, id, after)
    return workspace.save(texts, author, draft.message or sentence(topic, draft, len(after)), draft.base)


def sentence(topic: Topic, draft: Draft, after: int = 0) -> str:
    """What a change does, in plain words, e.g. "Numbing: the answer changed, 2 sentences added".

    `after`: how many short questions get another answer.
    """
    did = [f"{words} changed" for name, words in COMPARED.items() if getattr(topic, name) != getattr(draft, name)]
    for count, word in ((len(draft.added), "added"), (len(draft.remove), "removed")):
        did += [f"{count} sentence{'s' if count > 1 else ''} {word}"] if count else []
    did += [f"{after} short question{'s' if after > 1 else ''} answered otherwise"] if after else []
    return f"{topic.title}: {', '.join(did) or 'saved'}"


def after_conflict(workspace: Workspace, id: str, draft: Draft, conflict: Conflict) -> tuple[Draft, list[Theirs]]:
    """The draft on top of what others saved: fields that only they changed are theirs, the rest is asked."""
    before, now = T.topic(workspace, id, draft.base), T.topic(workspace, id, conflict.base)
    newest = workspace.history(conflict.path, 1)
    by = newest[0].author.name if newest else "Somebody"
    draft = ordered(draft, before)
    kept, asked = replace(draft, base=conflict.base), []
    for name, words in COMPARED.items():
        mine, old, theirs = getattr(draft, name), getattr(before, name), getattr(now, name)
        if mine == old:
            kept = replace(kept, **{name: theirs})
        elif theirs not in (old, mine):
            asked.append(Theirs(by, words, theirs if isinstance(theirs, str) else ", ".join(theirs) or "none"))
    old, theirs = (after_of(workspace.files(at), topic) for at, topic in ((draft.base, before), (conflict.base, now)))
    titles = {one.id: one.title for one in T.topics(workspace, conflict.base)}
    after = {one: theirs.get(one, "") if mine == old.get(one, "") else mine for one, mine in draft.after.items()}
    for one, mine in after.items():
        if theirs.get(one, "") not in (old.get(one, ""), mine):
            answer = titles.get(theirs.get(one, ""), "Nothing special")
            asked.append(Theirs(by, f"the answer to {titles.get(one, one)} after it", answer))
    return replace(kept, after=after), asked


def problems(topic: str, draft: Draft, content: Content) -> list[Problem]:
    return answer_problems(topic, draft.answer, draft.sources, draft.title, content.lines, content.clinic)


def shown(draft: Draft, topic: Topic, titles: Mapping[str, str], content: Content) -> Preview:
    """The draft as patients would meet it, after a sentence that the topic is taught by."""
    asked = next(iter((*topic.examples, *draft.added)), "")
    edited = replace(topic, answer=draft.answer, sources=draft.sources, next=draft.next)
    return of_answer(edited, titles, content, asked)
