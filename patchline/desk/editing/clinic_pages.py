"""The clinic's facts (`clinic.yml`), for admins: hours, numbers, who is called. A change is shown before saving."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing import diffs
from patchline.desk.editing.common import author, show, text_of, work
from patchline.desk.editing.diffs import FileDiff
from patchline.workspace import Conflict, Invalid, Unchanged, Workspace, validity

CLINIC = "content/clinic.yml"


def seen(workspace: Workspace, text: str, base: str) -> FileDiff:
    """What would change. Raises `Invalid` for a text that could not be saved."""
    files = dict(workspace.files(base))
    validity.check({**files, CLINIC: text.encode()}, [CLINIC])
    return diffs.of_texts(files[CLINIC].decode(), text, CLINIC)


@signed_in("admin")
async def page(request: Request) -> Response:
    await audit(request, "clinic_viewed")
    head, text = await work(request, lambda workspace: (at := workspace.head(), workspace.read(CLINIC, at)))
    return await show(request, "clinic.html", text=text, base=head, wrong="", diff=None, theirs=None, message="")


@signed_in("admin")
async def change(request: Request) -> Response:
    form = await request.form()
    text, message, base = (text_of(form, name) for name in ("text", "message", "base"))
    text = f"{text.rstrip()}\n"
    wrong, diff, theirs = "", None, None
    try:
        if form.get("do") == "save":
            says = message or "The clinic's facts changed"
            made = await work(request, Workspace.save, {CLINIC: text}, author(request), says, base)
            await audit(request, "clinic_saved", detail=f"change:{made.id[:12]}")
            return RedirectResponse("/desk/clinic?done=saved", 303)
        await audit(request, "clinic_checked")
        diff = await work(request, seen, text, base)
    except Unchanged:
        await audit(request, "nothing_to_save", detail="clinic")
        return RedirectResponse("/desk/clinic?done=unchanged", 303)
    except Invalid as error:
        await audit(request, "not_saved", detail="clinic")
        wrong = f"Not saved: {error}"
    except Conflict as conflict:
        await audit(request, "merge_asked", detail="clinic")
        wrong = "Not saved yet: somebody changed the same lines while you were writing."
        base, text, theirs = conflict.base, conflict.merged, diffs.of_texts(conflict.theirs or "", text, CLINIC)
    return await show(
        request, "clinic.html", 422 if wrong else 200,
        text=text, base=base, wrong=wrong, diff=diff, theirs=theirs, message=message,
    )  # fmt: skip


ROUTES = [
    Route("/desk/clinic", page, methods=["GET"]),
    Route("/desk/clinic", change, methods=["POST"]),
]
