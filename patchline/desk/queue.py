"""The queue of tickets, the search for one, and the table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from patchline.chain import Chain
from patchline.database.schema import now
from patchline.desk import evidence, export, talk, watch
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.evidence import Evidence
from patchline.desk.rows import Facts, Row, rows
from patchline.desk.seen import audit_view
from patchline.desk.times import Clock
from patchline.escalation import cases, desk_api, flood
from patchline.escalation.case import Case
from patchline.escalation.flood import Source
from patchline.escalation.presence import unanswered
from patchline.escalation.states import ACKNOWLEDGED, OPEN, RESOLVED
from patchline.gateway.problems import Problem

SHOWN = {"": (OPEN, ACKNOWLEDGED), OPEN: (OPEN,), ACKNOWLEDGED: (ACKNOWLEDGED,), RESOLVED: (RESOLVED,)}
MOST = {RESOLVED: 100}  # older ones are found by searching
MOST_WORDS = 100  # characters that are searched for


@dataclass(frozen=True)
class Queue:
    """One page of the queue."""

    version: str  # of the tickets as they were read, or a little before
    rows: list[Row]
    counts: dict[str, int]  # by state
    evidence: Evidence
    sources: list[Source]  # networks from which unusually much comes


def load(
    engine: sa.engine.Engine, state: str, at: datetime, clock: Clock, chain: Chain, source: str | None = None
) -> Queue:
    """The queue of a filter of `SHOWN`, of one source if it is given. Blocking."""
    version = watch.look(engine, at).version  # first: what changes meanwhile makes the page renew itself
    found = desk_api.queue(engine, SHOWN[state], MOST.get(state, 500), source)
    return Queue(
        version,
        in_rows(engine, found, at, clock),
        cases.counts(engine),
        evidence.gather(engine, chain, at, clock),
        flood.sources(engine),
    )


def in_rows(engine: sa.engine.Engine, found: Sequence[Case], at: datetime, clock: Clock) -> list[Row]:
    """The rows of some tickets, with what is known beside them. Blocking."""
    phones = cases.phones(engine, {case.conversation_id for case in found})
    return rows(found, Facts(at, clock, talk.texts(engine, found), unanswered(engine), phones))


@signed_in("nurse")
async def queue(request: Request) -> Response:
    state = request.query_params.get("state", "")
    if state not in SHOWN:
        raise Problem(404, "The queue shows open, acknowledged or resolved tickets.")
    source = request.query_params.get("source") or None
    await audit_view(request, "queue_viewed")
    desk, at = desk_of(request), now()
    found = await ask(request, load, state, at, desk.clock, desk.content.clinic.chain, source)
    asked = urlencode({name: value for name, value in (("state", state), ("source", source)) if value})
    resolved = request.query_params.get("resolved", "")
    said = f"Resolved: {resolved} tickets of that source." if resolved.isdecimal() and len(resolved) < 7 else ""
    return await render(
        request,
        "queue.html",
        queue=found,
        state=state,
        source=source,
        until=at.isoformat(),
        most=MOST.get(state, 500),
        said=said,
        as_of=desk.clock.full(at),
        version=found.version,
        refresh=f"/desk?{asked}" if asked else "/desk",
    )


@signed_in("nurse")
async def search(request: Request) -> Response:
    """The form; with POST also what was found. A name must stand in no address, and so in no history of a browser."""
    form = await request.form() if request.method == "POST" else {}
    words = str(form.get("words", "")).strip()[:MOST_WORDS]
    found = None
    if words:
        await audit(request, "tickets_searched")
        found = await ask(request, _found, words, now(), desk_of(request).clock)
    return await render(request, "search.html", words=words, rows=found)


def _found(engine: sa.engine.Engine, words: str, at: datetime, clock: Clock) -> list[Row]:
    return in_rows(engine, cases.find(engine, words), at, clock)


@signed_in("nurse")
async def export_page(request: Request) -> Response:
    today = desk_of(request).clock.local(now()).date()
    await audit(request, "export_page_viewed")
    return await render(request, "export.html", first=today - timedelta(days=30), last=today)


@signed_in("nurse")
async def spreadsheet(request: Request) -> Response:
    """The tickets that were opened on the days from `first` to `last`, both included."""
    first, last = (_day(request, name) for name in ("first", "last"))
    if first > last:
        raise Problem(422, "The first day comes after the last one.", field="first")
    await audit(request, "tickets_exported", detail=f"{first}..{last}")
    clock = desk_of(request).clock
    found = await ask(request, cases.opened_between, *clock.span(first, last))
    headers = {
        "Content-Disposition": f'attachment; filename="tickets-{first}-{last}.csv"',
        "Cache-Control": "no-store",
    }
    # Spreadsheets read UTF-8 only with this mark in front.
    return Response("\ufeff" + export.table(found, clock), media_type="text/csv; charset=utf-8", headers=headers)


def _day(request: Request, name: str) -> date:
    try:
        day = date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        raise Problem(422, f"The {name} day must be a date, e.g. 2026-11-22.", field=name) from None
    if not 2000 <= day.year <= 2200:
        raise Problem(422, f"The {name} day is in no year of this clinic.", field=name)
    return day


ROUTES: list[BaseRoute] = [
    Route("/desk", queue, methods=["GET"]),
    Route("/desk/search", search, methods=["GET", "POST"]),
    Route("/desk/export", export_page, methods=["GET"]),
    Route("/desk/tickets.csv", spreadsheet, methods=["GET"]),
]
