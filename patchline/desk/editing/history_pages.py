"""History: who changed what and when, the difference, undo; and the questions of an upgrade."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing.common import author, show, text_of, work
from patchline.desk.editing.diffs import FileDiff
from patchline.desk.editing.in_words import changes
from patchline.gateway.problems import Problem
from patchline.workspace import Change, Conflict, Unchanged, Workspace, WorkspaceError
from patchline.workspace import topics as T
from patchline.workspace.errors import NotThere
from patchline.workspace.files import SIGNATURES, STAFF_TESTS, allowed
from patchline.workspace.merging import sides

NAMES = {
    "content/clinic.yml": "The clinic's facts",
    "content/document.yml": "The document",
    "content/wordings.yml": "Wordings",
    "content/red_flags.yml": "Patterns of warning signs",
    "content/context_rules.yml": "Rules around warning signs",
    SIGNATURES: "Signatures",
    STAFF_TESTS: "Staff's tests",
    "data/stories.yml": "Conversations",
    "data/follow_up_rules.yml": "Short questions after an answer",
    "data/follow_up_answers.yml": "Answers to short questions",
    "domain.yml": "Answers of small talk, list of topics",
}
LONGEST = 40_000  # characters that a form can carry
SHOWN = 100


def names(workspace: Workspace) -> dict[str, str]:
    """What files are called by people."""
    return {topic.file: topic.title for topic in T.topics(workspace) if topic.kind != "talk"} | NAMES


@signed_in("editor")
async def index(request: Request) -> Response:
    await audit(request, "history_viewed")
    path = request.query_params.get("file")
    path = path if path and allowed(path) else None
    changes, called = await work(request, lambda workspace: (workspace.history(path, SHOWN), names(workspace)))
    return await show(request, "history.html", changes=changes, names=called, file=path, shown=SHOWN)


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "change_viewed", detail=f"change:{_id(request)[:12]}")
    return await _page(request)


@signed_in("editor")
async def undo(request: Request) -> Response:
    form = await request.form()
    try:
        if "text" in form:
            change = await work(request, Workspace.change, _id(request))
            if (path := text_of(form, "path")) not in change.paths:
                raise WorkspaceError(f"{path!r} is no file of this change")
            edits = {path: f"{text_of(form, 'text').rstrip()}\n"}
            says = f"Undone: {change.title}"
            made = await work(request, Workspace.save, edits, author(request), says, text_of(form, "base"))
        else:
            made = await work(request, Workspace.revert, _id(request), author(request))
    except Unchanged:
        await audit(request, "nothing_to_save", detail="undo")
        return RedirectResponse("/desk/history?done=unchanged", 303)
    except Conflict as conflict:
        await audit(request, "merge_asked", detail=f"change:{_id(request)[:12]}")
        return await _page(request, 422, conflict=conflict)
    except NotThere:
        raise
    except WorkspaceError as error:
        await audit(request, "not_saved", detail=f"change:{_id(request)[:12]}")
        return await _page(request, 422, wrong=f"Not undone: {error}")
    await audit(request, "change_undone", detail=f"change:{_id(request)[:12]},by:{made.id[:12]}")
    return RedirectResponse(f"/desk/history/{made.id[:12]}?done=undone", 303)


async def _page(request: Request, status: int = 200, conflict: Conflict | None = None, wrong: str = "") -> Response:
    def read(workspace: Workspace) -> tuple[Change, list[FileDiff], dict[str, str], bool]:
        change, called = workspace.change(_id(request)), names(workspace)
        before = workspace.before(change.id)
        shown = changes(workspace.files(before), workspace.files(change.id), change.paths, called) if before else []
        return change, shown, called, before is None

    change, shown, called, first = await work(request, read)
    return await show(
        request, "change.html", status, change=change, diffs=shown, names=called, conflict=conflict, wrong=wrong,
        first=first, longest=LONGEST,
    )  # fmt: skip


@signed_in("editor")
async def upgrade(request: Request) -> Response:
    await audit(request, "upgrade_viewed")
    return await _upgrade(request)


@signed_in("editor")
async def answer_upgrade(request: Request) -> Response:
    form = await request.form()
    try:
        answers = {}
        for question in await work(request, Workspace.shipped_conflicts):
            choice = text_of(form, f"choice:{question.path}")
            written = text_of(form, f"text:{question.path}")
            mine, theirs = sides(question)
            texts = {"mine": mine, "theirs": theirs, "both": f"{written.rstrip()}\n"}
            if choice not in texts:
                raise WorkspaceError("answer every question")
            answers[question.path] = texts[choice]
        made = await work(request, Workspace.take_shipped, answers, author(request), text_of(form, "base"))
    except Unchanged:
        await audit(request, "nothing_to_save", detail="upgrade")
        return RedirectResponse("/desk/history?done=unchanged", 303)
    except WorkspaceError as error:
        await audit(request, "not_saved", detail="upgrade")
        return await _upgrade(request, 422, f"Not merged: {error}")
    await audit(request, "upgrade_merged", detail=f"change:{made.id[:12]}")
    return RedirectResponse(f"/desk/history/{made.id[:12]}?done=upgraded", 303)


async def _upgrade(request: Request, status: int = 200, wrong: str = "") -> Response:
    def read(workspace: Workspace) -> tuple[list[tuple[Conflict, list[FileDiff]]], dict[str, str]]:
        files, called = workspace.files(), names(workspace)
        return [(one, _between(files, one, called)) for one in workspace.shipped_conflicts()], called

    shown, called = await work(request, read)
    return await show(request, "upgrade.html", status, questions=shown, names=called, wrong=wrong, longest=LONGEST)


def _between(files: Mapping[str, bytes], one: Conflict, called: Mapping[str, str]) -> list[FileDiff]:
    """What the two answers to a question differ in."""
    both = [{**files, one.path: text.encode()} if text is not None else files for text in sides(one)]
    return changes(both[0], both[1], [one.path], called)


def _id(request: Request) -> str:
    id = request.path_params["change"]
    if not re.fullmatch("[0-9a-f]{7,40}", id):
        raise Problem(404, "There is no such change.")
    return id


ROUTES = [
    Route("/desk/history", index, methods=["GET"]),
    Route("/desk/history/{change}", page, methods=["GET"]),
    Route("/desk/history/{change}", undo, methods=["POST"]),
    Route("/desk/upgrade", upgrade, methods=["GET"]),
    Route("/desk/upgrade", answer_upgrade, methods=["POST"]),
]
