"""Logs: one JSON object a line, ids only. No patient's word, and no message of an exception, which may quote one."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.gateway.metrics import Metrics

NOTES = "patchline.notes"  # the key in a request's scope under which endpoints note ids for the log line

ERROR = logging.ERROR

logger = logging.getLogger("patchline.gateway")


def event(name: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log one line: `{"event": name, ...fields}`. Fields hold ids, numbers and fixed words, never text."""
    if logger.isEnabledFor(level):
        known = {key: value for key, value in fields.items() if value is not None}
        logger.log(level, json.dumps({"event": name, **known}))


def failure(name: str, error: BaseException, **fields: Any) -> None:
    """Log an error by type and place, e.g. `{"error": "KeyError", "at": "journal.py:88"}`."""
    cause = error.__cause__ or error
    event(name, logging.ERROR, error=type(cause).__name__, at=place(cause), **fields)


def place(error: BaseException) -> str:
    """Where an error was raised, as "journal.py:88 < conversation.py:51", innermost first, three frames at most."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "patchline" in frame.filename] or frames
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(own[-3:]))


def configure() -> None:
    """Request lines to standard output; warnings of the libraries to standard error, without exception messages."""
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter('{"at":"%(asctime)s.%(msecs)03dZ","level":"%(levelname)s","log":%(message)s}'))
    lines.formatter.datefmt, lines.formatter.converter = "%Y-%m-%dT%H:%M:%S", time.gmtime
    logger.handlers, logger.propagate = [lines], False
    logger.setLevel(logging.INFO)
    others = logging.StreamHandler(sys.stderr)
    others.setFormatter(_PlaceOnly("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [others]
    root.setLevel(logging.WARNING)


class _PlaceOnly(logging.Formatter):
    """Formats an exception as its type and place."""

    def formatException(self, ei: Any) -> str:
        return f"{ei[0].__name__} at {place(ei[1])}"

    def formatStack(self, stack_info: str) -> str:
        return ""


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
