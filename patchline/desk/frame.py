"""The frame around every page of the desk: header, red banner, sign-out; and how pages are made from templates."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from patchline.database.schema import now
from patchline.desk import visits
from patchline.desk.filters import filters
from patchline.desk.parts import DatabaseAway, Desk, desk_of
from patchline.escalation.health import read_health
from patchline.gateway.page import templates

TEMPLATES = Path(__file__).parent / "templates"
KEPT_S = 2.0
ENDS_SOON = timedelta(minutes=30)  # before a session's end the page says so
AWAY = "The database does not answer: tickets cannot be shown, and new ones are not seen here."

# After POST, redirect, GET: what the next page says, by its address's `done`. Never a text from the address itself.
DONE = {
    "password": "Your password is changed.",
    "everywhere": "You are signed out everywhere.",
    "signed_out": "You are signed out. New tickets do not show here.",
    "disabled": "The account is switched off. The person is signed out everywhere.",
    "enabled": "The account is switched on again.",
    "role": "The role is changed.",
    "review_undone": "Undone. The messages wait again.",
}


async def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page from `templates/`, which extends `base.html`. Everything in `values` is escaped.

    Every template knows: `staff` (None: not signed in), `clinic`, `csrf()` (the hidden field of a form), `problems`
    (sentences of the red banner), `path`, `status`, `said` (what was just done), `ends_at` (when the session ends, if
    that is soon), `now` (UTC without a zone), and the filters `moment` (such a time as <time>, by the clinic's clock)
    and `exact` (to the second).
    """
    desk, session = desk_of(request), visits.session_of(request)
    ends_soon = session is not None and session.ends_at - now() < ENDS_SOON
    known = {
        "staff": session.staff if session else None,
        "clinic": desk.content.clinic,
        "csrf": lambda: visits.csrf_field(request),
        "problems": await problems(request) if session else [],
        "path": request.url.path,
        "status": status,
        "said": DONE.get(request.query_params.get("done", ""), ""),
        "ends_at": session.ends_at if session and ends_soon else None,
        "now": now(),
    }
    response = HTMLResponse(_environment(desk.clock.zone).get_template(template).render(known | values), status)
    visits.keep_visit(request, response)
    return response


class Alarm:
    """Whether tickets reach somebody; asked at most every two seconds for all pages together."""

    def __init__(self, desk: Desk):
        self.desk = desk
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._found: list[str] = []

    async def problems(self) -> list[str]:
        async with self._lock:
            if time.monotonic() - self._asked_at > KEPT_S:
                try:
                    self._found = (await self.desk.ask(read_health, now())).problems
                except DatabaseAway:
                    self._found = [AWAY]
                self._asked_at = time.monotonic()
            return self._found


async def problems(request: Request) -> list[str]:
    """The sentences of the red banner, worst first; [] when all is well."""
    return await request.app.state.alarm.problems()


@cache
def _environment(zone: str) -> Environment:
    environment = templates(TEMPLATES)
    environment.filters.update(filters(zone))
    return environment
