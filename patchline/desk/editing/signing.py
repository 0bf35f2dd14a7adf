"""Signing: what differs from what serves and waits for a clinician; and who signed what."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.database.schema import now
from patchline.desk.access import audit, desk_of, signed_in
from patchline.desk.editing.common import author, serving_files, show, work
from patchline.desk.editing.diffs import FileDiff, of_texts
from patchline.settings import Settings
from patchline.workspace import SIGNATURES, Author, Change, Unchanged, Workspace, WorkspaceError, checks, signatures
from patchline.workspace import topics as T
from patchline.workspace.checks import Problem
from patchline.workspace.content import content_of
from patchline.workspace.signatures import Item, Signature, Unsigned


@dataclass(frozen=True)
class Waits:
    """Something to sign, as the page shows it."""

    one: Unsigned
    diff: FileDiff
    problems: list[Problem]


@dataclass(frozen=True)
class Given:
    """A signature, and what it is for as that stands now (None: it is gone)."""

    one: Signature
    item: Item | None

    @property
    def holds(self) -> bool:
        return self.item is not None and signatures.holds(self.one, self.item)


def waiting(workspace: Workspace, settings: Settings) -> tuple[list[Waits], list[Given]]:
    """What waits, and every signature. Blocking."""
    files = workspace.files()
    content, known = content_of(files), {topic.id: topic for topic in T.topics_of(files)}

    def problems(item: Item) -> list[Problem]:
        kind, _, id = item.id.partition(":")
        if kind == "wording" and item.text:
            return checks.wording_problems(id, item.text, content.clinic)
        topic = known.get(id) if kind == "answer" else None
        if topic is None or topic.kind not in ("document", "not_covered", "clinic"):
            return []
        return checks.answer_problems(id, topic.answer, topic.sources, topic.title, content.lines, content.clinic)

    found = signatures.waiting(files, serving_files(settings))
    shown = [
        Waits(one, of_texts(one.before.text if one.before else "", one.item.text), problems(one.item)) for one in found
    ]
    items = signatures.items(files)
    newest = sorted(signatures.signatures(files).values(), key=lambda one: one.at, reverse=True)
    return shown, [Given(one, items.get(one.item)) for one in newest]


def sign(workspace: Workspace, settings: Settings, chosen: list[str], by: Author) -> Change:
    """Sign "id sha256" each. `WorkspaceError`: a text is not the one that was seen; `Unchanged`: none."""
    head = workspace.head()
    files = workspace.files(head)
    there = {f"{one.item.id} {one.item.sha256}": one.item for one in signatures.waiting(files, serving_files(settings))}
    if not chosen:
        raise Unchanged
    if missing := [one for one in chosen if one not in there]:
        raise WorkspaceError(f"{missing[0].split()[0]!r} was changed or signed meanwhile; look at it once more")
    items = [there[one] for one in chosen]
    before = workspace.read(SIGNATURES, head) if SIGNATURES in files else None
    text = signatures.with_signatures(before, items, by, now())
    says = f"Signed: {items[0].title}" if len(items) == 1 else f"Signed: {len(items)} texts"
    message = says + "\n\n" + "\n".join(item.title for item in items)
    return workspace.save({SIGNATURES: text}, by, message, head)


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit(request, "signing_viewed")
    return await _page(request)


@signed_in("clinician")
async def change(request: Request) -> Response:
    form = await request.form()
    chosen = [str(one) for one in form.getlist("sign")]
    try:
        made = await work(request, sign, desk_of(request).settings, chosen, author(request))
    except Unchanged:
        await audit(request, "nothing_to_save", detail="signing")
        return await _page(request, 422, "Nothing is ticked, so nothing was signed.")
    except WorkspaceError as error:
        await audit(request, "not_saved", detail="signing")
        return await _page(request, 422, f"Not signed: {error}")
    await audit(request, "signed", detail=f"texts:{len(chosen)},change:{made.id[:12]}")
    return RedirectResponse("/desk/signing?done=signed", 303)


async def _page(request: Request, status: int = 200, wrong: str = "") -> Response:
    found, given = await work(request, waiting, desk_of(request).settings)
    return await show(request, "signing.html", status, waiting=found, given=given, wrong=wrong)


ROUTES = [
    Route("/desk/signing", page, methods=["GET"]),
    Route("/desk/signing", change, methods=["POST"]),
]
