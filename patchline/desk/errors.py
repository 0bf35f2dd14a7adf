"""What goes wrong at the desk, as a page in its frame that says what to do. Scripts get a problem document."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from patchline.desk.access import wants_page
from patchline.desk.frame import render
from patchline.desk.parts import DatabaseAway, desk_of
from patchline.desk.visits import FIELD, sent_of
from patchline.gateway.problems import Problem, Problems
from patchline.workspace.errors import NotThere, WorkspaceError

STATIC = Path(__file__).parent / "static"
KEPT = 12  # characters from which a text that was sent is worth showing again
TITLES = {
    401: "You are signed out",
    403: "Not for you",
    404: "There is no such page",
    405: "That cannot be done here",
    409: "That cannot be done now",
    408: "It did not arrive",
    413: "That is too long",
    429: "Too many attempts",
    500: "Something went wrong on our side",
    503: "The database does not answer",
}
ROOMS = {  # where a page that is not there would have been
    "/desk/topics": "All topics",
    "/desk/wordings": "All wordings",
    "/desk/history": "All changes",
    "/desk/review": "All of Review",
    "/desk/models": "All models",
}
NOT_FOUND = (
    "The address may be mistyped, or the ticket's reference is not complete."
    " References look like PL-7K3F9. Look for it in the queue."
)
NO_WORKSPACE = "The answers cannot be opened now"
LOCKED = "Patients are answered as before, and nothing was changed. Tell the engineer; tickets go on as always."
BROKEN = "The log says where. Nothing that was saved before is lost. Try again; if it stays, tell the engineer."
AWAY = "Tickets cannot be shown, and nothing that you send now is kept. This page tries again by itself."


async def on_problem(request: Request, problem: Problem) -> Response:
    if not wants_page(request):
        return _document(request, problem)
    return await _page(request, problem.status, problem.detail, headers=problem.headers)


async def on_http_exception(request: Request, error: HTTPException) -> Response:
    """What the router finds: no such page, or not with this method."""
    detail = NOT_FOUND if error.status_code == 404 else "Go back, and use the buttons of the page."
    return await on_problem(request, Problem(error.status_code, detail, headers=dict(error.headers or {})))


async def on_database_away(request: Request, error: DatabaseAway) -> Response:
    problem = Problem(503, AWAY, headers={"Retry-After": "5"})
    if not wants_page(request):
        return _document(request, problem)
    return await _page(request, 503, AWAY, again=request.method == "GET", headers=problem.headers)


async def on_workspace_error(request: Request, error: WorkspaceError) -> Response:
    """Nothing can be edited, or what is asked for is not there; a page for it says why."""
    says = f"{str(error)[:1].upper()}{str(error)[1:]}."
    if isinstance(error, NotThere):
        return await on_problem(request, Problem(404, f"{says} It may have another name now, or be gone."))
    problem = Problem(503, f"{says} {LOCKED}")
    if not wants_page(request):
        return _document(request, problem)
    return await _page(request, 503, problem.detail, title=NO_WORKSPACE)


async def on_anything(request: Request, error: Exception) -> Response:
    """The gateway logs the error's type and place."""
    return await on_problem(request, Problem(500, BROKEN))


def _document(request: Request, problem: Problem) -> Response:
    return Problems(lambda: desk_of(request).content.clinic.line.display).response(problem)


async def _page(
    request: Request,
    status: int,
    detail: str,
    *,
    title: str = "",
    again: bool = False,
    headers: dict[str, str] | None = None,
) -> Response:
    """`again`: the page loads itself anew after a while."""
    title = title or TITLES.get(status, HTTPStatus(status).phrase)
    room = next((room for room in ROOMS if request.url.path.startswith(room)), None)
    back = {"to": room, "name": ROOMS[room]} if room and status == 404 and request.url.path != room else None
    known = {"title": title, "detail": detail, "again": again, "kept": _kept(request), "back": back}
    page = await render(request, "error.html", status, away=title == TITLES[503], **known)
    page.headers.update(headers or {})
    return page


def _kept(request: Request) -> list[str]:
    """Longer texts of a form that was refused: nobody should have to think of them a second time."""
    fields = sent_of(request).multi_items()
    secret = ("password", FIELD)
    texts = [value for name, value in fields if isinstance(value, str) and not any(word in name for word in secret)]
    return [text for text in texts if len(text.strip()) >= KEPT]
