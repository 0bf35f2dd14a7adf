"""Insights: a page of figures with bars, and the same as CSV. It shows no word of a patient."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from patchline.database.schema import now
from patchline.desk import labels
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.insights import figures
from patchline.desk.insights.figures import Figures
from patchline.desk.insights.table import table
from patchline.desk.times import lasted
from patchline.review.picking import UNTAUGHT
from patchline.trial.titles import Answers
from patchline.workspace import WorkspaceError
from patchline.workspace.topics import topics

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "a year"}
SHOWN = 25  # topics on the page; the CSV has all


@signed_in("editor")
async def page(request: Request) -> Response:
    days = _days(request)
    await audit(request, "insights_viewed", detail=f"days:{days}")
    found = await _figures(request, days)
    return await render(
        request,
        "insights.html",
        figures=found,
        topics=[one for one in found.topics if one.id not in UNTAUGHT][:SHOWN],
        worst=sorted((one for one in found.topics if one.not_helpful), key=lambda one: -one.not_helpful)[:SHOWN],
        titles=await _titles(request),
        categories=labels.CATEGORIES | labels.TIERS,
        lasted=lambda minutes: lasted(minutes * 60),
        periods=PERIODS,
        days=days,
        kept=desk_of(request).settings.keep_transcripts_days,
        weekly=days > figures.BY_DAY,
    )


@signed_in("editor")
async def as_file(request: Request) -> Response:
    days = _days(request)
    await audit(request, "insights_exported", detail=f"days:{days}")
    text = table(await _figures(request, days), await _titles(request), labels.CATEGORIES | labels.TIERS)
    headers = {"Content-Disposition": f'attachment; filename="insights-{days}-days.csv"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


async def _figures(request: Request, days: int) -> Figures:
    return await ask(request, figures.read, figures.spans(days, now(), desk_of(request).clock))


async def _titles(request: Request) -> Answers:
    """Of topics; made from their ids where the workspace is of no use now."""
    try:
        return Answers({one.id: one.title for one in await desk_of(request).edit(topics)})
    except WorkspaceError:
        return Answers()


def _days(request: Request) -> int:
    wanted = request.query_params.get("days", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and int(wanted[:6]) in PERIODS else 30


ROUTES: list[BaseRoute] = [
    Route("/desk/insights", page, methods=["GET"]),
    Route("/desk/insights.csv", as_file, methods=["GET"]),
]
