"""What an endpoint of the desk needs: who is asking (`signed_in`), a page (`render`), the database (`ask`), the audit.

    @signed_in("nurse")
    async def queue(request):
        await audit(request, "queue_viewed")
        cases = await ask(request, desk_api.queue, now())
        return await render(request, "queue.html", cases=cases)

Forms with method=post contain `{{ csrf() }}`; `patchline.desk.visits` refuses any other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from patchline.database.schema import now
from patchline.desk import audit as log
from patchline.desk import sessions
from patchline.desk.frame import problems, render
from patchline.desk.parts import DatabaseAway, ask, desk_of
from patchline.desk.roles import ROLES
from patchline.desk.visits import SESSION, csrf_field, csrf_token, session_of
from patchline.gateway import client
from patchline.gateway.problems import Problem

__all__ = [
    "DatabaseAway",
    "ask",
    "audit",
    "back_to",
    "csrf_field",
    "csrf_token",
    "desk_of",
    "problems",
    "render",
    "signed_in",
    "still_signed_in",
    "wants_page",
]
SIGN_IN = "/desk/sign-in"
SIGNED_OUT = "You are signed out. New tickets do not show here. Sign in again."
NO_SUCH = "There is nothing of this name. Go back, and use the links of the page."
CHOOSE_FIRST = "Choose a password of your own first."
ARTICLES = {"nurse": "a nurse", "editor": "an editor", "clinician": "a clinician", "admin": "an admin"}
Endpoint = Callable[[Request], Awaitable[Response]]


def signed_in(role: str = "nurse", *, one_time: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Only for members of staff with this role or one above; they are `request.state.staff`.

    Others: a page that a browser opens leads to the sign-in; a form or a script gets a `Problem` 401. A role that is
    too low is a 403, and on record. Who has a one-time password is led to change it, unless `one_time`.
    """
    assert role in ROLES, role

    def decorated(endpoint: Endpoint) -> Endpoint:
        @cast(Callable[[Endpoint], Any], wraps(endpoint))  # a function that is marked below with what it asks for
        async def guarded(request: Request) -> Response:
            session = session_of(request)
            if session is None:
                if request.method in ("GET", "HEAD") and wants_page(request):
                    return RedirectResponse(f"{SIGN_IN}?next={quote(_here(request))}", 303)
                raise Problem(401, SIGNED_OUT)
            request.state.staff = session.staff
            if not all(log.DETAIL.fullmatch(str(part)) for part in request.path_params.values()):
                raise Problem(404, NO_SUCH)  # no name of ours looks like that, and none such comes on record
            if not session.staff.may(role):
                await audit(request, "refused", detail=f"role:{role}")
                is_now, needed = ARTICLES[session.staff.role], ARTICLES[role]
                raise Problem(403, f"You are signed in as {is_now}; this is for {needed}. Ask an admin for the role.")
            if session.staff.one_time_until and not one_time:
                if not wants_page(request):
                    raise Problem(403, CHOOSE_FIRST)
                return RedirectResponse("/desk/account?first=password", 303)
            return await endpoint(request)

        guarded.role = role
        return guarded

    return decorated


async def audit(request: Request, action: str, reference: str | None = None, detail: str | None = None) -> None:
    """Put on record what the person of this request sees or does: a view before it is shown, a deed once it is done.

    `action` is a name ("ticket_viewed"), `reference` a ticket's, `detail` a code without spaces ("outcome:no_answer"),
    never words of a patient: `ValueError`. Without a session the line names nobody but the address.
    """
    session = session_of(request)
    who = {"login": session.staff.login, "name": session.staff.name} if session else {}
    address = client.address(request.scope, desk_of(request).settings.trusted_proxies)
    await ask(request, log.write, now(), action, reference=reference, detail=detail, address=address, **who)


async def still_signed_in(request: Request) -> bool:
    """For a stream that stays open: whether its session still holds. Asking counts as presence.

    False after a sign-out (also elsewhere), a new password, a disabled account, or the longest time. Raises
    `DatabaseAway` where nobody can say.
    """
    token = request.cookies.get(SESSION)
    return bool(token) and await ask(request, sessions.find, token, now()) is not None


def wants_page(request: Request) -> bool:
    """True for a browser that opens a page; scripts and event streams do not ask for HTML."""
    return "text/html" in request.headers.get("accept", "")


def back_to(request: Request, default: str = "/desk") -> str:
    """Where `next` leads, if that is a page of the desk; a link must not lead elsewhere after a sign-in."""
    wanted = request.query_params.get("next", "")
    inside = wanted == "/desk" or wanted.startswith(("/desk/", "/desk?"))
    return wanted if inside and wanted.isprintable() and "\\" not in wanted else default


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
