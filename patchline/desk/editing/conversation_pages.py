"""Conversations of several turns: the list in plain words, and a form that makes, changes and removes one."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing import conversation_form as form_of
from patchline.desk.editing.common import author, show, work
from patchline.desk.editing.conversation_form import NEW, Draft, Lines, View
from patchline.workspace import Conflict, Invalid, Unchanged
from patchline.workspace import stories as S
from patchline.workspace.errors import NotThere

LIST = "/desk/conversations"


@signed_in("editor")
async def index(request: Request) -> Response:
    await audit(request, "conversations_viewed")
    return await show(request, "conversations.html", stories=await work(request, form_of.listed))


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "conversation_viewed", detail=_about(request))
    seen, draft = await work(request, form_of.view, _key(request))
    return await _page(request, seen, draft)


@signed_in("editor")
async def change(request: Request) -> Response:
    """`do` is save or remove."""
    form = await request.form()
    draft, remove = form_of.sent(form, _key(request)), form.get("do") == "remove"
    theirs: Lines | None = None
    try:
        made, now = await work(request, form_of.save, draft, author(request), remove)
        did = "removed" if remove else "saved"
        await audit(request, f"conversation_{did}", detail=f"change:{made.id[:12]}")
        return RedirectResponse(f"{LIST}?done={did}#c{now}", 303)
    except Unchanged:
        await audit(request, "nothing_to_save", detail=_about(request))
        return RedirectResponse(f"{LIST}?done=unchanged", 303)
    except Invalid as error:
        await audit(request, "not_saved", detail=_about(request))
        wrong = f"Not saved: {error.sentence}."
    except NotThere as error:
        await audit(request, "not_saved", detail=_about(request))
        wrong, draft = f"Not saved: {error}. Save it as a new one, or leave it.", replace(draft, was=NEW)
    except Conflict as conflict:
        await audit(request, "merge_asked", detail=_about(request))
        wrong = "Not saved yet: somebody changed this conversation while you were writing."
        theirs, draft = await work(request, form_of.answered, draft, conflict)
    seen, _ = await work(request, form_of.view, draft.was)
    return await _page(request, seen, draft, 422, wrong, theirs)


async def _page(
    request: Request, seen: View, draft: Draft, status: int = 200, wrong: str = "", theirs: Lines | None = None
) -> Response:
    return await show(
        request, "conversation.html", status, seen=seen, draft=draft, wrong=wrong, theirs=theirs, most=S.MOST,
        editable=seen.saved is None or seen.saved.turns is not None,
    )  # fmt: skip


def _key(request: Request) -> str:
    return request.path_params["conversation"]


def _about(request: Request) -> str | None:
    """For the audit, which holds codes and nothing that somebody typed into an address."""
    key = _key(request)
    return f"conversation:{key}" if key == NEW or form_of.KEY.fullmatch(key) else None


ROUTES = [
    Route(LIST, index, methods=["GET"]),
    Route(f"{LIST}/{{conversation}}", page, methods=["GET"]),
    Route(f"{LIST}/{{conversation}}", change, methods=["POST"]),
]
