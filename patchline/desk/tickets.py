"""A ticket: everything that is known of it, and what a nurse does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from patchline.database.schema import now
from patchline.desk import accounts, acts, labels, talk, watch
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.acts import Act
from patchline.desk.queue import in_rows
from patchline.desk.rows import Row, has
from patchline.desk.seen import audit_view, renews
from patchline.desk.story import Call, Line, calls, repeated, story
from patchline.desk.talk import Talk
from patchline.desk.times import Clock
from patchline.escalation import desk_api
from patchline.escalation.case import Case
from patchline.escalation.presence import person_in_chat
from patchline.escalation.states import ACKNOWLEDGED, OPEN, NotAllowed, UnknownTicket
from patchline.gateway.problems import Problem

# After POST, redirect, GET: what the ticket's page says was done.
DONE = {
    "acknowledge": "You have this ticket now. Nobody else is called, and the patient sees that a nurse has seen it.",
    "called": "The call is on record.",
    "resolve": "The ticket is resolved.",
    "reopen": "The ticket is open again, and staff are called.",
    "note": "The note is on record.",
    "reassign": "The ticket has been given on.",
    "message": "Your message is in the patient's chat. The bot stays quiet there for ten minutes.",
    "hand-back": "The bot answers in this chat again.",
}


@dataclass(frozen=True)
class Page:
    """Everything that the page of a ticket shows."""

    version: str
    row: Row
    others: list[Case]  # other tickets of the same chat
    talk: Talk
    person_in_chat: bool
    story: list[Line]
    calls: list[Call]
    seen: int  # the id of the last happening that the page shows
    staff: list[str]  # who may have the ticket

    @property
    def case(self) -> Case:
        return self.row.case


def load(engine: sa.engine.Engine, reference: str, at: datetime, clock: Clock) -> Page:
    """A ticket with all that belongs to it. Blocking; raises `UnknownTicket`."""
    version = watch.look(engine, at).version
    case = desk_api.ticket(engine, reference)
    happenings = desk_api.events_of(engine, reference)
    together = desk_api.cases_of(engine, case.conversation_id)
    return Page(
        version=version,
        row=in_rows(engine, [case], at, clock)[0],
        others=[one for one in together if one.reference != reference],
        talk=talk.read(engine, case, together),
        person_in_chat=person_in_chat(engine, case.conversation_id, at),
        story=story(happenings, at, clock),
        calls=calls(desk_api.sendings_of(engine, reference), at, clock),
        seen=happenings[-1].id if happenings else 0,
        staff=[person.name for person in accounts.everybody(engine) if person.disabled_at is None],
    )


@signed_in("nurse")
async def ticket(request: Request) -> Response:
    reference = _reference(request)
    await audit_view(request, "ticket_viewed", reference)
    if not renews(request):
        try:
            await ask(request, desk_api.viewed, reference, request.state.staff.name, now())
        except UnknownTicket:
            raise _unknown() from None
    return await _page(request, reference, said=DONE.get(request.query_params.get("done", ""), ""))


@signed_in("nurse")
async def act(request: Request) -> Response:
    """Do something with a ticket; then the browser is sent to the ticket as it is now."""
    reference, name = _reference(request), request.path_params["act"]
    if name not in acts.NAMES:
        raise Problem(404, "There is nothing of that name to do with a ticket.")
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    staff = [person.name for person in await ask(request, accounts.everybody) if person.disabled_at is None]
    try:
        wanted = acts.read(name, form, staff)
        await audit(request, f"ticket_{wanted.action}", reference, wanted.code)
        await ask(request, _once, reference, request.state.staff.name, now(), wanted, _number(form.get("seen", "")))
    except UnknownTicket:
        raise _unknown() from None
    except NotAllowed as refused:
        await audit(request, "ticket_not_allowed", reference, f"act:{name}")
        return await _page(request, reference, status=409, refused=(name, str(refused)), typed=form)
    return RedirectResponse(f"/desk/tickets/{reference}?done={name}", 303)


def _once(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, act: Act, seen: int) -> None:
    """Do it, unless the same person did the same since the page was made: a button that was pressed twice."""
    if seen and repeated(desk_api.events_of(engine, reference), seen, actor, act.action, act.note):
        return
    if act.action == "message" and desk_api.ticket(engine, reference).state == OPEN:
        desk_api.acknowledge(engine, reference, actor, at)  # who writes to the patient has the ticket
    act.do(engine, reference, actor, at)


async def _page(
    request: Request,
    reference: str,
    status: int = 200,
    said: str = "",
    refused: tuple[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The ticket as it is now. `refused`: what could not be done and why; then what was typed is kept in its form."""
    clock = desk_of(request).clock
    try:
        page = await ask(request, load, reference, now(), clock)
    except UnknownTicket:
        raise _unknown() from None
    name, why = refused or ("", "")
    if name == "acknowledge" and page.case.state == ACKNOWLEDGED and page.case.acknowledged_at:
        first = clock.short(page.case.acknowledged_at, now())
        why = f"{page.case.acknowledged_by} was first and has had this ticket since {first}. You need not do anything."
    values = {
        "page": page,
        "case": page.case,
        "has": has(page.case),
        "facts": facts(page.case, clock),
        "labels": labels,
        "endings": [(ending, ending) for ending in labels.ENDINGS] + [(acts.OTHER, "Otherwise, as the note says")],
        "longest_note": acts.LONGEST_NOTE,
        "longest_message": acts.LONGEST_MESSAGE,
        "as_of": clock.full(now()),
        "version": page.version,
        "refresh": f"/desk/tickets/{reference}",
        "said": said,
        "refused": why,
        "failed": name,
        "unfolded": name or request.query_params.get("do", ""),
        "typed": {"text": "", **(typed or {})} if refused else {},
    }
    return await render(request, "ticket.html", status, **values)


def facts(case: Case, clock: Clock) -> list[tuple[str, str]]:
    """What is known beside the words, as titles and values; what is not known is left out."""
    found = [
        ("What it sounds like", "; ".join(labels.categories(case))),
        ("Name", case.name),
        ("Best time to call", case.best_time),
        ("What it is about", case.details),
        ("Written by", "somebody for the patient" if case.relative else "the patient"),
        ("Language", labels.LANGUAGES.get(case.language, case.language)),
        ("Written at", clock.full(case.said_at)),
        ("Agreed to be called at", clock.full(case.consent_at) if case.consent_at else None),
        ("How it was found", labels.SOURCES.get(case.source, case.source)),
    ]
    return [(title, value) for title, value in found if value]


def _reference(request: Request) -> str:
    return request.path_params["reference"].upper()


def _number(text: str) -> int:
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _unknown() -> Problem:
    return Problem(404, "There is no ticket of this reference. It may be older than tickets are kept. Search for it.")


ROUTES: list[BaseRoute] = [
    Route("/desk/tickets/{reference}", ticket, methods=["GET"]),
    Route("/desk/tickets/{reference}/{act}", act, methods=["POST"]),
]
