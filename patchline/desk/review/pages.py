"""The review inbox: what waits, one group with its chat, what was decided, and the scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from patchline.database.schema import now
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.editing.common import author
from patchline.desk.review import forms, job, words
from patchline.gateway.problems import Problem
from patchline.review import acts, inbox, sheet, state, teaching
from patchline.review.acts import NotDone, Wanted
from patchline.review.inbox import Decision, Group
from patchline.workspace import Workspace

MOST = 100  # groups on a page
RECENT = 50


@dataclass(frozen=True)
class Topics:
    """What a message may be taught as: (full intent, title), and the titles of all topics."""

    choices: list[tuple[str, str]]
    titles: dict[str, str]


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "review_viewed")
    return await _inbox(request)


async def _inbox(request: Request, status: int = 200, refused: str = "") -> Response:
    """What waits, the most worthwhile first."""
    desk = desk_of(request)
    last = await ask(request, inbox.last_scan)
    scanning = state.read(desk.settings)
    if not refused and job.due(desk.settings, last, now()):
        scanning = job.start(desk.settings)
    groups = await ask(request, inbox.waiting)
    return await render(
        request,
        "review/inbox.html",
        status,
        groups=groups[:MOST],
        more=max(0, len(groups) - MOST),
        waiting=len(groups),
        messages=sum(len(group.items) for group in groups),
        topics=await _topics(request),
        words=words,
        scanning=scanning,
        last=last,
        refused=refused,
        **await _latest(request),
    )


@signed_in("editor")
async def one(request: Request) -> Response:
    await audit(request, "review_group_viewed", detail=f"group:{_number(request)}")
    group = await _group(request)
    return await _one(request, group)


async def _one(
    request: Request, group: Group, status: int = 200, refused: str = "", typed: Mapping[str, Any] | None = None
) -> Response:
    """One group: its sentences, what may be done, and a chat beside."""
    wanted = request.query_params.get("chat", "")
    shown = next((item for item in group.items if str(item.message) == wanted), group.first)
    return await render(
        request,
        "review/group.html",
        status,
        group=group,
        shown=shown,
        chat=await ask(request, inbox.chat, shown.message),
        topics=await _topics(request),
        words=words,
        tiers=words.TIERS,
        longest=acts.LONGEST,
        refused=refused,
        typed=typed or {},
        **await _latest(request),
    )


@signed_in("editor")
async def decide(request: Request) -> Response:
    """Decide about one group; then the next one is shown."""
    await audit(request, "review_sent", detail=f"group:{_number(request)}")
    group, form = await _group(request), await request.form()
    try:
        done = await _do(request, [forms.wanted(form, group)])
    except NotDone as error:
        return await _one(request, group, 409, str(error), {**form, "m": form.getlist("m")})
    return RedirectResponse(f"{await _next(request, group)}?last={done.ids[0]}", 303)


@signed_in("editor")
async def bulk(request: Request) -> Response:
    """Decide about several groups at once."""
    form = await request.form()
    numbers = set(form.getlist("group"))
    await audit(request, "review_sent", detail=f"groups:{len(numbers)}")
    groups = [group for group in await ask(request, inbox.waiting) if str(group.number) in numbers]
    try:
        done = await _do(request, forms.wholesale(str(form.get("act", "")), groups))
    except NotDone as error:
        return await _inbox(request, 409, str(error))
    return RedirectResponse(f"/desk/review?last={done.ids[0]}", 303)


@signed_in("editor")
async def undo(request: Request) -> Response:
    id = _number(request)
    await audit(request, "review_undone", detail=f"decision:{id}")
    try:
        await _with_workspace(request, acts.undo, id, author(request), now())
    except NotDone as error:
        return await _decided(request, 409, str(error))
    return RedirectResponse("/desk/review?done=review_undone", 303)


@signed_in("editor")
async def decided(request: Request) -> Response:
    await audit(request, "review_decisions_viewed")
    return await _decided(request)


async def _decided(request: Request, status: int = 200, refused: str = "") -> Response:
    """What was decided lately, with a button that undoes it."""
    found = await ask(request, inbox.decisions, RECENT)
    values = {"decisions": found, "topics": await _topics(request), "words": words, "refused": refused}
    return await render(request, "review/decided.html", status, **values)


@signed_in("editor")
async def scan(request: Request) -> Response:
    """Look for new messages now."""
    await audit(request, "review_scan")
    job.start(desk_of(request).settings)
    return RedirectResponse("/desk/review", 303)


@signed_in("editor")
async def progress(request: Request) -> Response:
    """For a page that waits: how far the scan is."""
    found = state.read(desk_of(request).settings)
    return JSONResponse({"running": bool(found and found.running), "sentence": found.sentence if found else ""})


@signed_in("editor")
async def as_file(request: Request) -> Response:
    await audit(request, "review_exported")
    desk = desk_of(request)
    topics = await _topics(request)
    table = sheet.table(await ask(request, inbox.waiting), topics.titles, desk.clock.full)
    headers = {"Content-Disposition": 'attachment; filename="review.csv"'}
    return Response("\ufeff" + table, media_type="text/csv; charset=utf-8", headers=headers)


async def _do(request: Request, wanted: Sequence[Wanted]) -> acts.Done:
    first = wanted[0]
    count = sum(len(one.messages) for one in wanted)
    await audit(request, "review_decided", detail=f"act:{first.act},topic:{first.topic or '-'},messages:{count}"[:200])
    return await _with_workspace(request, acts.decide, wanted, author(request), now())


async def _with_workspace(request: Request, call: Callable[..., Any], *args: Any) -> Any:
    """`call(engine, workspace, *args)` in a thread."""
    workspace = desk_of(request).workspace
    return await ask(request, lambda engine: call(engine, workspace, *args))


async def _topics(request: Request) -> Topics:
    return await desk_of(request).edit(lambda workspace: _topics_at(workspace, workspace.head()))


@lru_cache(maxsize=4)
def _topics_at(workspace: Workspace, head: str) -> Topics:
    files = workspace.files(head)
    choices = [(topic.id, topic.title) for topic in teaching.choices(files)]
    return Topics(choices, {topic.id: topic.title for topic in teaching.topics_of(files)})


async def _group(request: Request) -> Group:
    group = await ask(request, inbox.group, _number(request))
    if group is None:
        raise Problem(404, "Somebody has decided about this, or its messages are not kept any more. Go back to Review.")
    return group


def _number(request: Request) -> int:
    """The address's number; 0 for none."""
    text = request.path_params["number"]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


async def _next(request: Request, decided: Group) -> str:
    """The page of the next group, in the order of the inbox."""
    groups = await ask(request, inbox.waiting)
    if any(group.number == decided.number for group in groups):
        return f"/desk/review/{decided.number}"  # some of its sentences were left
    lower = [group for group in groups if group.worth <= decided.worth]
    following = (lower or groups)[:1]
    return f"/desk/review/{following[0].number}" if following else "/desk/review"


async def _latest(request: Request) -> dict[str, Decision | None]:
    """The decision that was just made, so that the page can offer to undo it."""
    wanted = request.query_params.get("last", "")
    found = await ask(request, _decision, wanted) if wanted.isascii() and wanted.isdigit() else None
    return {"latest": found}


def _decision(engine: sa.engine.Engine, id: str) -> Decision | None:
    return next((one for one in inbox.decisions(engine, RECENT) if str(one.id) == id and not one.undone_at), None)


ROUTES: list[BaseRoute] = [
    Route("/desk/review", page, methods=["GET"]),
    Route("/desk/review", bulk, methods=["POST"]),
    Route("/desk/review.csv", as_file, methods=["GET"]),
    Route("/desk/review/scan", scan, methods=["POST"]),
    Route("/desk/review/scan", progress, methods=["GET"]),
    Route("/desk/review/decided", decided, methods=["GET"]),
    Route("/desk/review/undo/{number}", undo, methods=["POST"]),
    Route("/desk/review/{number}", one, methods=["GET"]),
    Route("/desk/review/{number}", decide, methods=["POST"]),
]
