"""The wordings: what the chat says by itself, and for warning signs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing.common import author, dotted, show, slashed, text_of, work
from patchline.desk.editing.preview import of_wording
from patchline.wordings import own_placeholders
from patchline.workspace import Author, Change, Conflict, Invalid, Unchanged, Workspace
from patchline.workspace.checks import wording_problems
from patchline.workspace.content import content_of
from patchline.workspace.document import WORDINGS, with_wording
from patchline.workspace.errors import NotThere
from patchline.workspace.wording_names import wording_name

GROUPS = {
    "red_flag": "Warning signs",
    "what_if": "“What if” and “not now”", "not_now": "“What if” and “not now”",
    "check": "“Is it one of these?”", "check_again": "“Is it one of these?”",
    "reminder": "Once a warning sign was raised", "first": "Once a warning sign was raised",
    "after": "Once a warning sign was raised", "still": "Once a warning sign was raised",
    "form": "Call-backs and appointments", "option": "Words on buttons",
    "note": "News from the clinic",
}  # fmt: skip


def save(workspace: Workspace, id: str, text: str, message: str, base: str, author: Author) -> Change:
    """Raises `Conflict`, `Invalid`, `Unchanged`."""
    edited = with_wording(workspace.read(WORDINGS, base), id, text)
    return workspace.save({WORDINGS: edited}, author, message or f"The wording “{wording_name(id)}” changed", base)


@signed_in("editor")
async def index(request: Request) -> Response:
    await audit(request, "wordings_viewed")
    written = await work(request, lambda workspace: content_of(workspace.files()).written)
    words = request.query_params.get("q", "")[:100].casefold()
    found: dict[str, list[tuple[str, str, str]]] = {}
    for id, text in written.items():
        name = wording_name(id)
        if words in f"{id} {name} {text}".casefold():
            group = GROUPS.get(id.partition("/")[0], "Greeting, and when something fails")
            found.setdefault(group, []).append((id, name, text))
    return await show(request, "wordings.html", found=found, words=words)


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "wording_viewed", detail=f"wording:{_id(request)}")
    head, text = await work(request, _read, _id(request))
    return await _page(request, text, head)


@signed_in("editor")
async def change(request: Request) -> Response:
    form = await request.form()
    id, text, message, base = _id(request), *(text_of(form, name) for name in ("answer", "message", "base"))
    await work(request, _read, id)
    wrong, theirs = "", None
    if form.get("do") == "save":
        try:
            made = await work(request, save, id, text, message, base, author(request))
            await audit(request, "wording_saved", detail=f"wording:{id},change:{made.id[:12]}")
            return RedirectResponse(f"/desk/wordings/{dotted(id)}?done=saved", 303)
        except Unchanged:
            await audit(request, "nothing_to_save", detail=f"wording:{id}")
            return RedirectResponse(f"/desk/wordings/{dotted(id)}?done=unchanged", 303)
        except Invalid as error:
            await audit(request, "not_saved", detail=f"wording:{id}")
            wrong = f"Not saved: {error}"
        except Conflict as conflict:
            await audit(request, "merge_asked", detail=f"wording:{id}")
            wrong = "Not saved yet: somebody changed this wording while you were writing."
            base, theirs = await work(request, _read, id, conflict.base)
    else:
        await audit(request, "wording_checked", detail=f"wording:{id}")
    return await _page(request, text, base, 422 if wrong else 200, wrong, theirs)


def _read(workspace: Workspace, id: str, at: str | None = None) -> tuple[str, str]:
    head = at or workspace.head()
    written = content_of(workspace.files(head)).written
    if id not in written:
        raise NotThere(f"there is no wording {id!r}")
    return head, written[id]


async def _page(
    request: Request, text: str, base: str, status: int = 200, wrong: str = "", theirs: str | None = None
) -> Response:
    id = _id(request)
    content = await work(request, lambda workspace: content_of(workspace.files()))
    return await show(
        request, "wording.html", status, id=id, name=wording_name(id), text=text, base=base, wrong=wrong,
        theirs=theirs, own=own_placeholders(id), complaints=wording_problems(id, text, content.clinic),
        preview=of_wording(id, text, content),
    )  # fmt: skip


def _id(request: Request) -> str:
    return slashed(request.path_params["wording"])


ROUTES = [
    Route("/desk/wordings", index, methods=["GET"]),
    Route("/desk/wordings/{wording}", page, methods=["GET"]),
    Route("/desk/wordings/{wording}", change, methods=["POST"]),
]
