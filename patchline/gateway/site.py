"""What is not the chat API: the first page and its files, health, metrics, and the API's description."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from patchline.gateway import client
from patchline.gateway.dialogue import Probe
from patchline.gateway.page import STATIC
from patchline.gateway.problems import Problem

OPENAPI = Path(__file__).parent / "openapi.yml"
REVALIDATE = {"Cache-Control": "no-cache"}  # a cached copy is used when its ETag still holds


async def first_page(request: Request) -> Response:
    return HTMLResponse(request.app.state.parts.live.now.page, headers=REVALIDATE)


async def widget(request: Request) -> Response:
    response: Response = request.app.state.parts.live.now.script.response(request)
    return response


async def live(request: Request) -> Response:
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> Response:
    """Ready only when a model answered a real question. Escalations that wait do not make it less ready to answer, and
    neither do staff who do not acknowledge: a gateway that is taken away for that would help no patient.
    """
    parts = request.app.state.parts
    found, waiting = await parts.readiness.probe(), parts.escalations.health()
    if isinstance(found, Probe):
        staff, release = "reached" if await parts.tended.problems() == [] else "failing", parts.live.now.release
        found = {"status": "ready", "model": found.model, "release": release, "escalations": waiting, "staff": staff}
        return JSONResponse(found)
    detail = f"No model answers ({found}). Patients are given the clinic line: {{line}}."
    if count := sum(waiting.values()):
        detail += f" Escalations that are not on record yet: {count}, of these in memory alone: {waiting['unsaved']}."
    raise Problem(503, detail)


async def escalations(request: Request) -> Response:
    """For a monitor: whether staff hear of every ticket. Readiness is another thing: the chat answers."""
    problems = await request.app.state.parts.tended.problems()
    if problems == []:
        return JSONResponse({"status": "well"})
    raise Problem(503, "The database does not say." if problems is None else " ".join(problems))


async def metrics(request: Request) -> Response:
    parts = request.app.state.parts
    if not client.is_local(request.scope, parts.settings.trusted_proxies):
        raise Problem(403, "Metrics are for this machine only.")
    return Response(parts.metrics.page(), media_type=CONTENT_TYPE_LATEST)


async def openapi(request: Request) -> Response:
    return FileResponse(OPENAPI, media_type="application/yaml", headers=REVALIDATE)


class Static(StaticFiles):
    """The files of a folder but those that end like `hidden`, which are for nobody as they lie there."""

    def __init__(self, directory: Path, hidden: tuple[str, ...] = ()):
        super().__init__(directory=directory)
        self.hidden = hidden

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        hidden = path.endswith(self.hidden) or "\0" in path
        return ("", None) if hidden else super().lookup_path(path)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(REVALIDATE)
        return response


ROUTES: list[BaseRoute] = [
    Route("/", first_page, methods=["GET"]),
    Route("/patchline.js", widget, methods=["GET"]),
    Route("/health/live", live, methods=["GET"]),
    Route("/health/ready", ready, methods=["GET"]),
    Route("/health/escalations", escalations, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.yml", openapi, methods=["GET"]),
    Mount("/static", Static(STATIC, hidden=(".html", ".js"))),  # a template; the widget without the clinic's numbers
]
