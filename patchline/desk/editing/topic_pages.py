"""Topics: the list, and one topic with its answer, its cited lines, its sentences, checks and preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.content import Content
from patchline.desk.access import audit, desk_of, signed_in
from patchline.desk.editing import topic_form
from patchline.desk.editing.common import author, dotted, serving_files, show, slashed, work
from patchline.desk.editing.preview import answers_called
from patchline.desk.editing.topic_form import Draft, Theirs
from patchline.settings import Settings
from patchline.workspace import Conflict, Invalid, Unchanged, Workspace, signatures
from patchline.workspace import follow_ups as F
from patchline.workspace import topics as T
from patchline.workspace.content import content_of
from patchline.workspace.document import Section, sections
from patchline.workspace.signatures import Signature
from patchline.workspace.topics import Topic

KINDS = {
    "document": "Questions that the document answers",
    "not_covered": "Questions that it does not answer",
    "clinic": "Questions about the clinic itself",
    "safety": "Warning signs, and what is said around them",
    "talk": "Small talk, and the rest",
}
SHOWN = 60  # sentences, the newest first


@dataclass(frozen=True)
class View:
    """Everything that the page of a topic shows beside the form."""

    topic: Topic
    head: str
    titles: Mapping[str, str]
    offered: list[Topic]  # what may stand on a button
    sections: list[Section]
    content: Content
    after: Mapping[str, str]  # short question -> the topic whose answer it gets after this one, "" for nothing special
    otherwise: Mapping[str, str]  # short question -> what nothing special is
    fixed: list[tuple[str, str]]  # (short question, answer) of engineers' rules
    signature: Signature | None
    signed: bool  # the signature is for the text as it stands
    differs: bool  # from what serves now


def view(workspace: Workspace, settings: Settings, id: str) -> View:
    """Blocking. Raises `NotThere`."""
    head = workspace.head()
    files = workspace.files(head)
    everything = {topic.id: topic for topic in T.topics_of(files)}
    topic = T.topic(workspace, id, head)
    content = content_of(files)
    called, after = answers_called(files), F.follow_ups(files, id)
    item_id = f"wording:{topic.wording}" if topic.wording else f"answer:{id}"
    item, given = signatures.items(files).get(item_id), signatures.signatures(files).get(item_id)
    return View(
        topic=topic,
        head=head,
        titles={one.id: one.title for one in everything.values()},
        offered=topic_form.offered(everything.values()),
        sections=sections(files),
        content=content,
        after=topic_form.after_of(files, topic),
        otherwise={question: called.get(said, said) for question, said in F.questions(files).items()},
        fixed=[(one.question, called.get(one.topic, one.topic)) for one in after if one.place is None],
        signature=given,
        signed=item is not None and signatures.holds(given, item),
        differs=item != signatures.items(serving_files(settings)).get(item_id),
    )


def listed(workspace: Workspace, settings: Settings, words: str) -> tuple[dict[str, list[Topic]], set[str], int]:
    """Topics by kind, the ids of those that wait for a signature, and how many things wait for one."""
    files = workspace.files()
    found: dict[str, list[Topic]] = {kind: [] for kind in KINDS}
    for topic in T.topics_of(files):
        text = " ".join((topic.id, topic.title, topic.answer, *topic.examples)).casefold()
        if topic.kind in found and all(word in text for word in words.casefold().split()):
            found[topic.kind].append(topic)
    waiting = signatures.waiting(files, serving_files(settings))
    return found, {one.item.id.partition(":")[2] for one in waiting}, len(waiting)


@signed_in("editor")
async def index(request: Request) -> Response:
    await audit(request, "topics_viewed")
    words = request.query_params.get("q", "")[:100]
    found, unsigned, waiting = await work(request, listed, desk_of(request).settings, words)
    return await show(request, "topics.html", kinds=KINDS, found=found, unsigned=unsigned, waiting=waiting, words=words)


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "topic_viewed", detail=f"topic:{_id(request)}")
    seen = await work(request, view, desk_of(request).settings, _id(request))
    return await _page(request, seen, topic_form.draft_of(seen.topic, seen.head, seen.after))


@signed_in("editor")
async def change(request: Request) -> Response:
    form = await request.form()
    draft, id = topic_form.sent(form), _id(request)
    wrong: str = ""
    theirs: list[Theirs] = []
    if form.get("do") == "save":
        try:
            made = await work(request, topic_form.save, id, draft, author(request))
            await audit(request, "topic_saved", detail=f"topic:{id},change:{made.id[:12]}")
            return RedirectResponse(f"/desk/topics/{dotted(id)}?done=saved", 303)
        except Unchanged:
            await audit(request, "nothing_to_save", detail=f"topic:{id}")
            return RedirectResponse(f"/desk/topics/{dotted(id)}?done=unchanged", 303)
        except Invalid as error:
            await audit(request, "not_saved", detail=f"topic:{id}")
            wrong = f"Not saved: {error}"
        except Conflict as conflict:
            await audit(request, "merge_asked", detail=f"topic:{id}")
            draft, theirs = await work(request, topic_form.after_conflict, id, draft, conflict)
            wrong = "Not saved yet: somebody changed this topic while you were writing."
    else:
        await audit(request, "topic_checked", detail=f"topic:{id}")
    seen = await work(request, view, desk_of(request).settings, id)
    draft = replace(topic_form.ordered(draft, seen.topic), after={**seen.after, **draft.after})
    return await _page(request, seen, draft, 422 if wrong else 200, wrong=wrong, theirs=theirs)


async def _page(
    request: Request, seen: View, draft: Draft, status: int = 200, wrong: str = "", theirs: list[Theirs] | None = None
) -> Response:
    editable = bool(seen.topic.answer_file) and not seen.topic.wording
    sentences = list(reversed(seen.topic.examples))
    everything = "all" in request.query_params
    more: dict[str, Any] = {
        "complaints": topic_form.problems(seen.topic.id, draft, seen.content) if editable else [],
        "preview": topic_form.shown(draft, seen.topic, seen.titles, seen.content),
        "sentences": sentences if everything else sentences[:SHOWN],
        "hidden": 0 if everything else max(0, len(sentences) - SHOWN),
    }
    return await show(
        request,
        "topic.html",
        status,
        seen=seen,
        draft=draft,
        editable=editable,
        wrong=wrong,
        theirs=theirs or [],
        **more,
    )


def _id(request: Request) -> str:
    return slashed(request.path_params["topic"])


ROUTES = [
    Route("/desk/topics", index, methods=["GET"]),
    Route("/desk/topics/{topic}", page, methods=["GET"]),
    Route("/desk/topics/{topic}", change, methods=["POST"]),
]
