"""The desk as a part of the gateway's process: all of its routes, and its errors as pages in its own frame."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.content import Content
from patchline.desk import (
    account,
    ack,
    audit_pages,
    editing,
    errors,
    events,
    queue,
    sign_in,
    sources,
    staff_pages,
    tickets,
    visits,
)
from patchline.desk.frame import Alarm
from patchline.desk.insights import ROUTES as INSIGHTS
from patchline.desk.models import pages as models
from patchline.desk.parts import DatabaseAway, Desk
from patchline.desk.review import ROUTES as REVIEW
from patchline.desk.watch import Watch
from patchline.gateway.app import Mounted
from patchline.gateway.problems import Problem
from patchline.gateway.site import Static
from patchline.settings import Settings
from patchline.workspace import WorkspaceError

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",  # the widget with a draft, beside the form that it is written in
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    # Not "no-referrer": with it a browser hides the origin of a form, too, by which forms of other sites are refused.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

# Every route of the desk, by its whole path.
ROUTES: list[BaseRoute] = [
    *sign_in.ROUTES,
    *account.ROUTES,
    *staff_pages.ROUTES,
    *audit_pages.ROUTES,
    *editing.ROUTES,
    *ack.ROUTES,
    *queue.ROUTES,
    *sources.ROUTES,
    *tickets.ROUTES,
    *models.ROUTES,
    *events.ROUTES,
    *REVIEW,
    *INSIGHTS,
]


def desk(settings: Settings, content: Content) -> Mounted:
    """The desk, for `patchline.gateway.app.create_app(…, mounts=[desk(settings, content)])`."""
    parts = Desk(settings, content)
    static = Mount(visits.STATIC.rstrip("/"), Static(errors.STATIC))
    router = Router([static, Route("/desk/", _without_slash), *ROUTES], redirect_slashes=False)
    handlers: dict[Any, Any] = {  # Starlette's own type has no place for a handler of one kind of error
        Problem: errors.on_problem,
        HTTPException: errors.on_http_exception,
        DatabaseAway: errors.on_database_away,
        WorkspaceError: errors.on_workspace_error,
        Exception: errors.on_anything,
    }
    within = Mount("", router, middleware=[Middleware(visits.Visits, parts)])
    app = Starlette(routes=[within], exception_handlers=handlers)
    app.state.desk, app.state.alarm, app.state.watch = parts, Alarm(parts), Watch(parts)

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        try:
            yield
        finally:
            parts.close()

    framed = Headers(app)
    routes = [Route("/desk", framed), Route("/desk/{rest:path}", framed)]
    return Mounted(routes=routes, lifespan=lifespan, end_streams=app.state.watch.close, told=parts.use)


async def _without_slash(request: Request) -> Response:
    return RedirectResponse("/desk", 303)


class Headers:
    """Middleware: `HEADERS` on every answer, and nothing of the desk but its own files stays in a cache."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(visits.STATIC):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)
