"""The page behind the link that staff get with a notification: one tap acknowledges, without signing in.

The link is the key: it names the ticket and the contact, is signed, and holds for a day. It shows no clinical words,
because a preview, a lock screen or a neighbour may see it. Opening it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from patchline.database.schema import now
from patchline.desk import labels
from patchline.desk.access import ask, audit, desk_of, render
from patchline.desk.rows import has
from patchline.desk.times import lasted
from patchline.desk.visits import session_of
from patchline.escalation import desk_api, links
from patchline.escalation.case import Case
from patchline.escalation.links import Link, Links
from patchline.escalation.states import NotAllowed, UnknownTicket

BY_LINK = "by link"
WHOLE_SECOND = timedelta(seconds=1)  # links know the time of their making no better
LONGEST_NAME = 80
NO_NAME = "Please say who you are: colleagues must see who has this ticket."
LONG_NAME = f"Please use a shorter name: {LONGEST_NAME} letters at most."


async def acknowledge(request: Request) -> Response:
    """GET shows, POST acknowledges."""
    link = Links(desk_of(request).settings.secret).verify(request.path_params["token"])
    case = await _case(request, link)
    if link is None or case is None:
        return _private(await render(request, "ack_unknown.html", 404))
    if request.method != "POST":
        await audit(request, "link_opened", case.reference)
        return await _page(request, link, case)
    said = (await request.form()).get("name", "")
    name = " ".join(said.split()) if isinstance(said, str) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return await _page(request, link, case, 422, NO_NAME if not name else LONG_NAME, name[:LONGEST_NAME])
    await audit(request, "link_acknowledged", case.reference)
    try:
        case = await ask(request, desk_api.acknowledge, case.reference, _actor(request, name), now())
    except NotAllowed:
        return await _page(request, link, await ask(request, desk_api.ticket, case.reference), 409)
    return await _page(request, link, case, yours=True)


async def _case(request: Request, link: Link | None) -> Case | None:
    """The ticket of a link that still holds: a ticket that was opened anew has a new one."""
    if link is None:
        return None
    try:
        case = await ask(request, desk_api.ticket, link.reference)
    except UnknownTicket:
        return None
    if await ask(request, desk_api.reopened_after, link.reference, link.made_at + WHOLE_SECOND):
        return None
    return case


async def _page(
    request: Request, link: Link, case: Case, status: int = 200, wrong: str = "", name: str = "", yours: bool = False
) -> Response:
    session = session_of(request)
    values = {
        "case": case,
        "headline": labels.headline(case),
        "rank": labels.rank(case),
        "shape": labels.SHAPES[labels.rank(case)],
        "age": lasted((now() - case.opened_at).total_seconds()),
        "has": has(case),
        "late": status == 409,  # somebody was faster
        "yours": yours,
        "wrong": wrong,
        "name": name or (session.staff.name if session else link.contact or ""),
    }
    return _private(await render(request, "ack.html", status, **values))


def _actor(request: Request, name: str) -> str:
    """Who signed in is known; from all others the history says that a link was all that they showed."""
    session = session_of(request)
    return name if session and session.staff.name == name else f"{name} ({BY_LINK})"


def _private(response: Response) -> Response:
    """The address is a key: it must stay in no cache and go to no other site."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


ROUTES: list[BaseRoute] = [Route(f"{links.PATH}/{{token}}", acknowledge, methods=["GET", "POST"])]
