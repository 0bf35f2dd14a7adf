"""The form of a topic: what was sent, what is wrong with it, and saving it. Blocking; knows the workspace, no web."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from patchline.content import Content
from patchline.desk.editing.common import text_of
from patchline.desk.editing.preview import Preview, of_answer
from patchline.workspace import Author, Change, Conflict, Workspace
from patchline.workspace import topics as T
from patchline.workspace.checks import Problem, answer_problems
from patchline.workspace.topics import FollowUp, Topic

COMPARED = {"title": "the title", "answer": "the answer", "sources": "the cited lines", "next": "the buttons"}

ON_BUTTONS = ("talk_to_person", "request_appointment", "help")


@dataclass(frozen=True)
class Draft:
    """A topic as it stands in the form. `add` has a sentence a line."""

    base: str
    title: str
    answer: str
    sources: tuple[str, ...]
    next: tuple[str, ...]
    add: str = ""
    remove: tuple[str, ...] = ()
    message: str = ""

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
    return [one for one in everything if one.kind in ("document", "not_covered") or one.id in ON_BUTTONS]


def draft_of(topic: Topic, base: str) -> Draft:
    return Draft(base, topic.title, topic.answer, topic.sources, topic.next)


def sent(form: FormData) -> Draft:
    """What a browser sent."""
    several = {name: tuple(str(one) for one in form.getlist(name)) for name in ("sources", "next", "remove")}
    one = {name: text_of(form, name).strip() for name in ("base", "title", "answer", "add", "message")}
    return Draft(**one, **several)


def ordered(draft: Draft, topic: Topic) -> Draft:
    """Ticked boxes come in the page's order; what was chosen before stays in the order that it had."""

    def sorted_by(old: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(chosen, key=lambda one: old.index(one) if one in old else len(old)))

    return replace(draft, sources=sorted_by(topic.sources, draft.sources), next=sorted_by(topic.next, draft.next))


def save(workspace: Workspace, id: str, draft: Draft, author: Author) -> Change:
    """Raises `Conflict`, `Invalid`, `Unchanged`."""
    topic = T.topic(workspace, id, draft.base)
    draft = ordered(draft, topic)
    texts = {path: workspace.read(path, draft.base) for path in {topic.file, topic.answer_file} if path}
    if topic.answer_file and not topic.wording:
        path = topic.answer_file
        about = {"title": draft.title} if draft.title != topic.title else {}
        about |= {"sources": draft.sources} if draft.sources != topic.sources else {}
        about |= {"next": draft.next} if draft.next != topic.next else {}
        texts[path] = T.with_answer(texts[path], id, answer=draft.answer, path=path, **about)
    if draft.added or draft.remove:
        texts[topic.file] = T.with_examples(texts[topic.file], id, draft.added, draft.remove, topic.file)
    return workspace.save(texts, author, draft.message or sentence(topic, draft), draft.base)


def sentence(topic: Topic, draft: Draft) -> str:
    """What a change does, in plain words, e.g. "Numbing: the answer changed, 2 sentences added"."""
    did = [f"{words} changed" for name, words in COMPARED.items() if getattr(topic, name) != getattr(draft, name)]
    for count, word in ((len(draft.added), "added"), (len(draft.remove), "removed")):
        did += [f"{count} sentence{'s' if count > 1 else ''} {word}"] if count else []
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
    return kept, asked


def problems(topic: str, draft: Draft, content: Content) -> list[Problem]:
    return answer_problems(topic, draft.answer, draft.sources, draft.title, content.lines, content.clinic)


def shown(draft: Draft, topic: Topic, titles: Mapping[str, str], content: Content) -> Preview:
    """The draft as patients would meet it, after a sentence that the topic is taught by."""
    asked = next(iter((*topic.examples, *draft.added)), "")
    edited = replace(topic, answer=draft.answer, sources=draft.sources, next=draft.next)
    return of_answer(edited, titles, content, asked)


def in_words(found: list[FollowUp], everything: Mapping[str, Topic]) -> list[tuple[str, str]]:
    """(short question, the answer that it gets after this topic) as people say them."""
    said = []
    for one in found:
        asked, answered = everything.get(one.question), everything.get(one.topic)
        question = asked.examples[0] if asked and asked.examples else one.question
        said.append((question, answered.title if answered else one.topic))
    return said
