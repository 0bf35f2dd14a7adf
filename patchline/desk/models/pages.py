"""`/desk/models`: the models there are, what a new one would change, and the buttons that switch."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.models import labels
from patchline.desk.models.job import FULL, Busy, Jobs, Phases
from patchline.desk.seen import audit_view
from patchline.gateway.problems import Problem
from patchline.releases.build import build
from patchline.releases.errors import Refused, ReleaseError
from patchline.releases.release import Release
from patchline.releases.serving import INSTALLED, ServingError
from patchline.releases.store import Releases
from patchline.releases.switch import promote as promote_release
from patchline.releases.switch import roll_back as roll_back_release
from patchline.trial import questions, words
from patchline.trial.report import Report, report_of
from patchline.workspace.checks import answer_problems
from patchline.workspace.content import content_of
from patchline.workspace.errors import WorkspaceError
from patchline.workspace.topics import topics_of

LONGEST_SENTENCE = 200
BUSY = "Something is under way already. Wait until it is done."
T = TypeVar("T")


@signed_in("editor")
async def page(request: Request) -> Response:
    await audit_view(request, "models_viewed")
    return await _page(request)


@signed_in("editor")
async def train(request: Request) -> Response:
    settings, by = desk_of(request).settings, request.state.staff.name
    sentence = " ".join(str((await request.form()).get("sentence", "")).split())[:LONGEST_SENTENCE]

    def work(say: Callable[[str], None]) -> int:
        return build(settings, by, sentence or "Train and see", Phases(say)).number

    return await _begun(request, "train", work, None)


@signed_in("admin")
async def promote(request: Request) -> Response:
    settings, by, number = desk_of(request).settings, request.state.staff.name, _number(request)
    try:
        refusals = await _thread(_refusals, Releases(settings), number)
    except Refused as refused:
        raise Problem(404, str(refused)) from None
    if refusals:
        await audit(request, "model_refused", detail=f"release:{number}")
        return await _trial(request, number, 409)

    def work(say: Callable[[str], None]) -> int:
        promote_release(settings, number, by, say)
        return number

    return await _begun(request, "promote", work, number)


@signed_in("admin")
async def roll_back(request: Request) -> Response:
    settings, by = desk_of(request).settings, request.state.staff.name

    def work(say: Callable[[str], None]) -> int:
        return roll_back_release(settings, by, say).release

    job = await _thread(Jobs(settings).last)
    if not (job and job.running and job.kind == "train"):
        return await _begun(request, "roll_back", work, None)
    try:  # beside the training: whoever rolls back has seen a wrong answer, and does not wait for minutes
        await _thread(work, lambda step: None)
    except (ReleaseError, ServingError) as refused:
        return await _page(request, 409, wrong=str(refused))
    await audit(request, "model_roll_back")
    return RedirectResponse("/desk/models", 303)


@signed_in("editor")
async def trial(request: Request) -> Response:
    number = _number(request)
    await audit(request, "trial_viewed", detail=f"release:{number}")
    return await _trial(request, number)


async def _begun(request: Request, kind: str, work: Callable[..., int], release: int | None) -> Response:
    try:
        await _thread(Jobs(desk_of(request).settings).start, kind, request.state.staff.name, work, release)
    except Busy:
        return await _page(request, 409, wrong=BUSY)
    except OSError as error:
        return await _page(request, 503, wrong=FULL if error.errno == errno.ENOSPC else f"Not begun: {error.strerror}.")
    await audit(request, f"model_{kind}", detail=f"release:{release}" if release is not None else None)
    return RedirectResponse("/desk/models", 303)


async def _page(request: Request, status: int = 200, wrong: str = "") -> Response:
    settings = desk_of(request).settings
    found = await _thread(_listed, Releases(settings))
    job = await _thread(Jobs(settings).last)
    return await render(request, "models.html", status, wrong=wrong, job=job, words=words, labels=labels, **found)


async def _trial(request: Request, number: int, status: int = 200) -> Response:
    try:
        found = await _thread(_tried, Releases(desk_of(request).settings), number)
    except Refused as refused:
        raise Problem(404, str(refused)) from None
    report: Report | None = found["report"]
    ids = [item.id for item in report.past if item.id is not None] if report else []
    texts = await ask(request, questions.texts, ids) if ids else {}
    changed = words.changes(report, texts) if report else []
    return await render(request, "trial.html", status, changes=changed, words=words, labels=labels, **found)


def _listed(releases: Releases) -> dict[str, Any]:
    """What the list shows. Reads no model."""
    try:
        serving = releases.serving()
    except ServingError as error:
        return {"trouble": str(error), "releases": [], "serving": None, "promotions": []}
    everything = [*releases.all(), releases.get(INSTALLED)]
    return {
        "trouble": "",
        "serving": serving,
        "releases": [(release, _read(release)) for release in everything],
        "promotions": [(item, _moment(item.at)) for item in releases.promotions()[:20]],
        "moments": {release.number: _moment(release.at) for release in everything},
    }


def _tried(releases: Releases, number: int) -> dict[str, Any]:
    """What the page of one trial shows. Raises `Refused`."""
    release = releases.get(number)
    return {
        "release": release,
        "report": _read(release),
        "refusals": _refusals(releases, number),
        "complaints": _complaints(releases, release),
        "serves": releases.serving().serving.release == number,
        "made_at": _moment(release.at),
    }


def _refusals(releases: Releases, number: int) -> list[str]:
    """Why it may not be promoted. Of one that failed its trial no more is asked: its files may not even be readable."""
    report = _read(releases.get(number))
    if report and not report.gate.open:
        return list(report.gate.failures)
    return releases.refusals(number)


def _complaints(releases: Releases, release: Release) -> list[str]:
    """What the checks say of answers that patients do not get now, e.g. a number that the document does not have."""

    def problems(of: Release) -> dict[tuple[str, str], str]:
        files = releases.edited(of)
        known = content_of(files)
        return {
            (topic.id, one.sentence): f"{topic.title}: {one.sentence}"
            for topic in topics_of(files)
            if topic.kind in ("document", "not_covered", "clinic") and topic.answer_file
            for one in answer_problems(topic.id, topic.answer, topic.sources, topic.title, known.lines, known.clinic)
        }

    try:
        before = problems(releases.get(releases.serving().serving.release))
        return [sentence for key, sentence in problems(release).items() if key not in before]
    except (ReleaseError, ServingError, WorkspaceError, OSError, KeyError):  # the trial has said why it is no use
        return []


def _read(release: Release) -> Report | None:
    data = release.report() if release.number != INSTALLED else None
    try:
        return report_of(data) if data else None
    except (TypeError, ValueError):  # of another version
        return None


def _moment(at: str) -> datetime | None:
    """ISO 8601 as the database's times are: UTC without a zone."""
    try:
        return datetime.fromisoformat(at).replace(tzinfo=None)
    except ValueError:
        return None


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Problem(404, "There is no such release.")
    return int(text)


async def _thread(work: Callable[..., T], *args: Any) -> T:
    """Files are read in a thread: the same process answers patients."""
    return await anyio.to_thread.run_sync(lambda: work(*args))


ROUTES = [
    Route("/desk/models", page, methods=["GET"]),
    Route("/desk/models/train", train, methods=["POST"]),
    Route("/desk/models/roll-back", roll_back, methods=["POST"]),
    Route("/desk/models/{number}", trial, methods=["GET"]),
    Route("/desk/models/{number}/promote", promote, methods=["POST"]),
]
