"""Each request to the desk: who sends it, and for a POST, whether one of the desk's own pages has sent it.

A form's token (`csrf_field`) is made of the browser's cookie and the installation's secret: of the session, or before
the sign-in of a cookie that says nothing. So nothing is stored, and a token dies with its session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.database.schema import now
from patchline.desk import sessions
from patchline.desk.parts import Desk, desk_of
from patchline.desk.sessions import Session
from patchline.escalation import links
from patchline.gateway import incoming
from patchline.gateway.origins import same_origin
from patchline.gateway.problems import Problem

SESSION, VISIT, DEVICE = "patchline_desk", "patchline_visit", "patchline_device"  # names of cookies
DEVICE_S = 180 * 24 * 3600
FIELD, HEADER = "csrf", "x-csrf-token"
STATIC = "/desk/static/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NO_TOKEN = (
    "This form does not belong to your session: it is from before you signed in, or from another page."
    " Nothing was changed. Open the page again and repeat it."
)
NO_COOKIE = (
    "Your browser did not send the desk's cookie back, so nobody can be signed in."
    " Allow cookies for this address{https}, and open the page again."
)


class Visits:
    """Middleware: finds the session, and refuses every POST without its form's token."""

    def __init__(self, app: ASGIApp, desk: Desk):
        self.app, self.desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(STATIC):
            request = Request(scope, receive)
            request.state.session = await self._session(request)
            if request.method not in SAFE:
                receive = await self._checked(request)
        await self.app(scope, receive, send)

    async def _session(self, request: Request) -> Session | None:
        token = request.cookies.get(SESSION)
        return await self.desk.ask(sessions.find, token, now()) if token else None

    async def _checked(self, request: Request) -> Receive:
        """The request's body once more, after its token was found right. Raises `Problem`."""
        body = await incoming.read_body(request)
        replay = _replay(body)
        origin = request.headers.get("origin", "null")  # a browser that hides it sends "null"; the token decides
        if origin != "null" and not same_origin(origin, request.headers.get("host", "")):
            raise Problem(403, NO_TOKEN)
        if request.url.path.startswith(f"{links.PATH}/"):
            return replay  # the signed link is a secret of its own, and must work where cookies do not
        form = await Request(request.scope, replay).form()
        request.state.sent = form
        sent = form.get(FIELD) or request.headers.get(HEADER, "")
        if _source(request) is None:
            https = " and use its https address" if self.desk.settings.address.startswith("https:") else ""
            raise Problem(403, NO_COOKIE.format(https=https))
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
            raise Problem(403, NO_TOKEN)
        return _replay(body)


def session_of(request: Request) -> Session | None:
    """Who is signed in; None for nobody, and where nobody could look."""
    return getattr(request.state, "session", None)


def sent_of(request: Request) -> FormData:
    """The fields of a POST that was refused; they may be shown to who sent them."""
    return getattr(request.state, "sent", FormData())


def csrf_token(request: Request) -> str:
    """The token of this browser's forms; also accepted in the header `X-CSRF-Token`."""
    source = _source(request)
    if source is None:
        source = request.state.new_visit = secrets.token_urlsafe(16)
    key, message = desk_of(request).settings.secret.encode(), b"desk form " + source.encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def csrf_field(request: Request) -> Markup:
    """The hidden field that every form with method=post needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token(request))


def keep_visit(request: Request, response: Response) -> None:
    """Give the browser the cookie on which a form's token rests, if it had none."""
    if new := getattr(request.state, "new_visit", None):
        response.set_cookie(VISIT, new, **_cookie(request))


def keep_session(request: Request, response: Response, token: str) -> None:
    response.set_cookie(SESSION, token, max_age=int(sessions.LONGEST.total_seconds()), **_cookie(request))


def keep_device(request: Request, response: Response, token: str) -> None:
    """So that tries of strangers elsewhere do not lock this browser out."""
    response.set_cookie(DEVICE, token, max_age=DEVICE_S, **_cookie(request) | {"path": "/desk/sign-in"})


def drop_session(request: Request, response: Response) -> None:
    response.delete_cookie(SESSION, **_cookie(request))


def _cookie(request: Request) -> dict:
    secure = desk_of(request).settings.address.startswith("https:")
    return {"path": "/desk", "httponly": True, "samesite": "lax", "secure": secure}


def _source(request: Request) -> str | None:
    return request.cookies.get(SESSION) or request.cookies.get(VISIT) or getattr(request.state, "new_visit", None)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
