"""Who saw and did what, for admins: by person, ticket and day; and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from patchline.cells import defused
from patchline.desk import accounts
from patchline.desk import audit as log
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.audit import Deed

PAGE = 100
BATCH = 5_000  # rows that are in memory at the same time
FIELDS = ("login", "reference", "since", "until")
COLUMNS = ("at", "login", "name", "action", "reference", "detail", "address")


@signed_in("admin")
async def page(request: Request) -> Response:
    await audit(request, "audit_viewed")
    chosen = _chosen(request)
    wanted, wrong = _wanted(request, chosen)
    below = request.query_params.get("below", "")
    below_id = int(below) if below.isascii() and below.isdigit() and len(below) < 19 else None
    found = [] if wrong else await ask(request, log.read, **wanted, below_id=below_id, limit=PAGE + 1)
    query = {name: value for name, value in chosen.items() if value}
    older = urlencode(query | {"below": found[PAGE - 1].id}) if len(found) > PAGE else ""
    return await render(
        request,
        "audit.html",
        422 if wrong else 200,
        deeds=found[:PAGE],
        people=await ask(request, accounts.everybody),
        chosen=chosen,
        wrong=wrong,
        older=older,
        query=urlencode(query),
        first=below_id is None,
    )


@signed_in("admin")
async def as_file(request: Request) -> Response:
    await audit(request, "audit_exported")
    wanted, wrong = _wanted(request, _chosen(request))
    if wrong:
        return await page(request)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_table(request, wanted), media_type="text/csv; charset=utf-8", headers=headers)


async def _table(request: Request, wanted: dict[str, Any]) -> AsyncIterator[str]:
    """CSV in pieces, however long the audit is."""
    clock, below_id = desk_of(request).clock, None
    yield "\ufeff" + _csv([COLUMNS])  # spreadsheets read UTF-8 only with this mark in front
    while True:
        found: list[Deed] = await ask(request, log.read, **wanted, below_id=below_id, limit=BATCH)
        yield _csv([clock.full(deed.at), *(getattr(deed, name) or "" for name in COLUMNS[1:])] for deed in found)
        if len(found) < BATCH:
            return
        below_id = found[-1].id


def _csv(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([defused(text) for text in row] for row in rows)
    return out.getvalue()


def _chosen(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").strip() for name in FIELDS}


def _wanted(request: Request, chosen: dict[str, str]) -> tuple[dict[str, Any], str]:
    """What is asked of the audit, and what is wrong with the form ("" for nothing). Days are the clinic's."""
    clock = desk_of(request).clock
    wanted: dict[str, Any] = {"login": chosen["login"] or None, "reference": chosen["reference"].upper() or None}
    try:
        if chosen["since"]:
            wanted["since"] = clock.starts(date.fromisoformat(chosen["since"]))
        if chosen["until"]:
            day = date.fromisoformat(chosen["until"])
            wanted["before"] = clock.span(day, day)[1]
    except (ValueError, OverflowError):
        return wanted, "Write a day as year-month-day, e.g. 2026-11-22."
    return wanted, ""


ROUTES = [
    Route("/desk/audit", page, methods=["GET"]),
    Route("/desk/audit.csv", as_file, methods=["GET"]),
]
