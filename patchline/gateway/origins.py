"""Which pages may use the API: pages of this site, and pages of the allowed origins (CORS). No cookies there.

The desk, which has cookies, is for its own pages alone and looks after itself (`patchline.desk.visits`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.gateway.problems import Problem, Problems

REFUSED = "Pages of this origin may not use this chat. Please call the clinic line: {line}."
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}
DESK = "/desk"
DEFAULT_PORTS = {"http": 80, "https": 443}


class Origins:
    """Middleware: refuses requests from pages of other origins, answers preflights, adds the CORS headers."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...], problems: Problems):
        self.app, self.allowed, self.problems = app, frozenset(origin.lower() for origin in allowed), problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        # Without an origin it is not a page's script: a browser names the origin of those.
        if origin is None or scope["path"] == DESK or scope["path"].startswith(f"{DESK}/"):
            return await self.app(scope, receive, send)
        if origin.lower() not in self.allowed and not same_origin(origin, headers.get("host", "")):
            return await self.problems.response(Problem(403, REFUSED))(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["Access-Control-Allow-Origin"] = origin
                answer["Access-Control-Expose-Headers"] = "Retry-After"
                answer.add_vary_header("Origin")
            await send(message)

        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            return await Response(status_code=204, headers=PREFLIGHT)(scope, receive, with_headers)
        await self.app(scope, receive, with_headers)


def same_origin(origin: str, host: str) -> bool:
    """True when a page's origin is the host that it calls.

    The scheme is not compared: a proxy may end TLS in front of us, so that we see "http" where the page has "https".
    """
    try:
        page = urlsplit(origin)
        here = urlsplit(f"{page.scheme}://{host}")
        default = DEFAULT_PORTS.get(page.scheme)
        same_port = default is not None and (page.port or default) == (here.port or default)
        return same_port and page.hostname is not None and page.hostname == here.hostname
    except ValueError:  # a port that is no number, a bracket that does not close
        return False
