"""Where a flood comes from: the tickets of one network, and resolving all of them with one reason."""

from __future__ import annotations

import re
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from patchline.database.schema import now
from patchline.desk.access import ask, audit, signed_in
from patchline.desk.acts import LONGEST_NOTE
from patchline.escalation import desk_api
from patchline.gateway.problems import Problem

SOURCE = re.compile(r"[0-9a-f]{8}")


@signed_in("nurse")
async def resolve_all(request: Request) -> Response:
    """Resolve what the page showed of one network; what came in after it stays open."""
    source, form = request.path_params["source"], await request.form()
    if not SOURCE.fullmatch(source):
        raise Problem(404, "There is no such source. Take it from the queue.")
    why, until = str(form.get("why", "")).strip(), _moment(str(form.get("until", "")))
    if until is None:
        raise Problem(422, "Load the queue again: the page does not say what it showed.", field="until")
    if not why or len(why) > LONGEST_NOTE:
        raise Problem(
            422, f"Say in a few words, {LONGEST_NOTE} characters at most, why nobody of them needs help.", field="why"
        )
    number = await ask(request, desk_api.resolve_all_of, source, request.state.staff.name, now(), why, until)
    await audit(request, "source_resolved", detail=f"source:{source},tickets:{number}")
    return RedirectResponse(f"/desk?resolved={number}", 303)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


ROUTES: list[BaseRoute] = [Route("/desk/sources/{source}/resolve", resolve_all, methods=["POST"])]
