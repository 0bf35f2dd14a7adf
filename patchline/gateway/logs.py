"""The gateway's log lines, and one line for each request."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.gateway.metrics import Metrics
from patchline.logs import ERROR, Lines, place

NOTES = "patchline.notes"  # the key in a request's scope under which endpoints note ids for the log line

_lines = Lines("patchline.gateway")
event, failure, configure = _lines.event, _lines.failure, _lines.configure

__all__ = ["ERROR", "NOTES", "RequestLog", "configure", "event", "failure", "place"]


class RequestLog:
    """Middleware: one line and one count for each request, with what the endpoint noted."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        notes = scope[NOTES] = {}
        started, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - started
            # The template, not the address itself: an address may hold anything, a patient's words included.
            route = getattr(scope.get("route"), "path", "none")
            self.metrics.request(route, scope["method"], status)
            event(
                "request",
                method=self.metrics.method(scope["method"]),
                route=route,
                status=status,
                ms=round(seconds * 1000, 2),
                **notes,
            )
