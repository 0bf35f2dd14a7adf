"""The live stream of the desk: tells an open page that something has changed, and that it still hears."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from patchline.desk.access import DatabaseAway, signed_in, still_signed_in
from patchline.desk.watch import Snapshot

SPEAKS_S = 3.0  # the page is loud after three times that without a word
ASKS_S = 5.0  # whether the session still holds
SIGNED_OUT = "event: signed-out\ndata: {}\n\n"


@signed_in("nurse")
async def events(request: Request) -> Response:
    """Server-sent events: `tickets` with `database` (whether it answers) and a `Snapshot`'s fields; `signed-out`."""
    if request.method == "HEAD":  # how a page asks why its stream was refused
        return Response(media_type="text/event-stream")
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(_stream(request), media_type="text/event-stream", headers=headers)


async def _stream(request: Request) -> AsyncIterator[str]:
    loop, spoke, asked = asyncio.get_running_loop(), float("-inf"), float("-inf")
    last: Snapshot | None = None
    yield "retry: 2000\n\n"
    async for snapshot in request.app.state.watch.snapshots():
        if loop.time() - asked >= ASKS_S:
            asked = loop.time()
            if not await _holds(request):
                yield SIGNED_OUT
                return
        if snapshot != last or loop.time() - spoke >= SPEAKS_S:
            last, spoke = snapshot, loop.time()
            yield f"event: tickets\ndata: {json.dumps(_said(snapshot))}\n\n"


async def _holds(request: Request) -> bool:
    try:
        return await still_signed_in(request)
    except DatabaseAway:  # the page says that; nobody is signed out by it
        return True


def _said(snapshot: Snapshot | None) -> dict[str, str | int | bool]:
    return {"database": False} if snapshot is None else {"database": True, **asdict(snapshot)}


ROUTES: list[BaseRoute] = [Route("/desk/events", events, methods=["GET"])]
