"""The clinic's document, line by line; what would change is shown before it is saved."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import audit, signed_in
from patchline.desk.editing import diffs
from patchline.desk.editing.common import author, show, text_of, work
from patchline.desk.editing.diffs import FileDiff
from patchline.workspace import Conflict, Invalid, Unchanged, Workspace
from patchline.workspace import topics as T
from patchline.workspace.checks import answer_problems
from patchline.workspace.content import content_of
from patchline.workspace.document import DOCUMENT, sections, with_lines


def edited(workspace: Workspace, form: FormData, base: str) -> str:
    """The document as the form has it. Raises `Invalid`."""
    before = workspace.read(DOCUMENT, base)
    lines = {id: text_of(form, f"line:{id}") for part in sections(workspace.files(base)) for id, _ in part.lines
             if f"line:{id}" in form}  # fmt: skip
    new = {part.id: text_of(form, f"new:{part.id}") for part in sections(workspace.files(base))}
    return with_lines(before, lines, [str(one) for one in form.getlist("gone")], new)


def consequences(workspace: Workspace, text: str, base: str) -> tuple[FileDiff, list[tuple[str, str, str]]]:
    """What would change, and (topic, title, sentence) for every answer that would no longer match its lines."""
    files = dict(workspace.files(base))
    found = []
    after = content_of({**files, DOCUMENT: text.encode()})
    for topic in T.topics_of(files):
        if topic.kind in ("document", "not_covered", "clinic"):
            about = (topic.id, topic.answer, topic.sources, topic.title)
            now = answer_problems(*about, content_of(files).lines, after.clinic)
            then = answer_problems(*about, after.lines, after.clinic)
            found += [(topic.id, topic.title, one.sentence) for one in then if one not in now]
    return diffs.of_texts(files[DOCUMENT].decode(), text, DOCUMENT), found


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "document_viewed")
    return await _page(request, FormData())


@signed_in("editor")
async def change(request: Request) -> Response:
    form = await request.form()
    base, wrong, diff = text_of(form, "base"), "", None
    hit: list[tuple[str, str, str]] = []
    try:
        text = await work(request, edited, form, base)
        if form.get("do") == "save":
            message = text_of(form, "message") or "The document changed"
            made = await work(request, Workspace.save, {DOCUMENT: text}, author(request), message, base)
            await audit(request, "document_saved", detail=f"change:{made.id[:12]}")
            return RedirectResponse("/desk/document?done=saved", 303)
        await audit(request, "document_checked")
        diff, hit = await work(request, consequences, text, base)
    except Unchanged:
        await audit(request, "nothing_to_save", detail="document")
        return RedirectResponse("/desk/document?done=unchanged", 303)
    except Invalid as error:
        await audit(request, "not_saved", detail="document")
        wrong = f"Not saved: {error}"
    except Conflict as conflict:
        await audit(request, "merge_asked", detail="document")
        wrong = (
            "Not saved yet: somebody changed the same line while you were writing. What they wrote stands below yours."
        )
        return await _page(request, form, 422, wrong, base=conflict.base, before=base)
    return await _page(request, form, 422 if wrong else 200, wrong, base, diff, hit)


async def _page(
    request: Request,
    form: FormData,
    status: int = 200,
    wrong: str = "",
    base: str = "",
    diff: FileDiff | None = None,
    hit: list[tuple[str, str, str]] | None = None,
    before: str = "",
) -> Response:
    """`before`: the commit that the form was made of, when somebody else saved another one (`base`) meanwhile."""

    def read(workspace: Workspace):
        head = base or workspace.head()
        return head, sections(workspace.files(head)), dict(_lines(workspace, before)) if before else {}

    head, parts, old = await work(request, read)
    now = {id: text for part in parts for id, text in part.lines}
    texts = {}
    for id, text in now.items():
        mine = text_of(form, f"line:{id}") if f"line:{id}" in form else text
        texts[id] = text if mine == old.get(id) else mine  # what only they changed is theirs
    return await show(
        request, "document.html", status, sections=parts, base=head, texts=texts, wrong=wrong, diff=diff, hit=hit or [],
        theirs=bool(before), gone=form.getlist("gone"), message=text_of(form, "message"),
        new={part.id: text_of(form, f"new:{part.id}") for part in parts},
    )  # fmt: skip


def _lines(workspace: Workspace, at: str) -> list[tuple[str, str]]:
    return [line for part in sections(workspace.files(at)) for line in part.lines]


ROUTES = [
    Route("/desk/document", page, methods=["GET"]),
    Route("/desk/document", change, methods=["POST"]),
]
