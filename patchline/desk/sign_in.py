"""Sign in and out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.database.schema import now
from patchline.desk import accounts, sessions, visits
from patchline.desk.access import ask, audit, back_to, desk_of, render
from patchline.desk.accounts import Staff
from patchline.desk.audit import write
from patchline.desk.throttle import Attempt, Throttle
from patchline.gateway import client

WRONG = "The login or the password is not right. Capitals count in the password. An admin can give you a new one."
TOO_MANY = "There were too many wrong attempts. Try again in {wait}; an admin can help, too."


async def page(request: Request) -> Response:
    if visits.session_of(request) and request.query_params.get("again") != "yes":
        return RedirectResponse(back_to(request), 303)
    return await _page(request)


async def sign_in(request: Request) -> Response:
    form = await request.form()
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    person, attempt = await tried(request, login, password)
    if person is None:
        if attempt.wait_s:
            wrong = TOO_MANY.format(wait=in_words(attempt.wait_s))
            page = await _page(request, 429, login=login, wrong=wrong)
            page.headers["Retry-After"] = str(attempt.wait_s)
            return page
        return await _page(request, 401, login=login, wrong=WRONG)
    before = request.cookies.get(visits.SESSION)
    token = await ask(request, sessions.open_session, person, now(), before)
    await _on_record(request, "signed_in", person)
    response = RedirectResponse(back_to(request), 303)
    visits.keep_session(request, response, token)
    visits.keep_device(request, response, Throttle(desk_of(request).settings.secret).device_of(person.login))
    return response


async def sign_out(request: Request) -> Response:
    """Also for a session that is over: nobody is told that signing out failed."""
    if visits.session_of(request):
        await audit(request, "signed_out")
        await ask(request, sessions.end, request.cookies[visits.SESSION])
    response = RedirectResponse("/desk/sign-in?done=signed_out", 303)
    visits.drop_session(request, response)
    return response


async def tried(request: Request, login: str, password: str) -> tuple[Staff | None, Attempt]:
    """Who has this login and password; None for nobody, or for one more try than is allowed. Failures are on record."""
    desk = desk_of(request)
    throttle, address = Throttle(desk.settings.secret), _address(request)
    device = request.cookies.get(visits.DEVICE, "")
    attempt = await desk.ask(throttle.admit, login, address, now(), device)
    if attempt.wait_s:
        if attempt.first:
            await desk.ask(write, now(), "sign_in_throttled", address=address)
        return None, attempt
    person = await desk.ask_with_password(accounts.verify, login, password, now())
    if person is None:
        # A login that nobody has is not kept: people type their password into the wrong field.
        known = await desk.ask(accounts.known, login)
        await desk.ask(write, now(), "sign_in_failed", login=known, address=address)
        return None, attempt
    await desk.ask(throttle.succeeded, attempt)
    return person, attempt


def in_words(seconds: int) -> str:
    """
    >>> in_words(40), in_words(61)
    ('1 minute', '2 minutes')
    """
    minutes = max(1, -(-seconds // 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


async def _page(request: Request, status: int = 200, login: str = "", wrong: str = "") -> Response:
    nobody_yet = not await ask(request, accounts.somebody_can_sign_in)
    return await render(
        request, "sign_in.html", status, login=login, wrong=wrong, nobody_yet=nobody_yet, next=back_to(request)
    )


async def _on_record(request: Request, action: str, person: Staff) -> None:
    """For who has no session on this request yet."""
    await ask(request, write, now(), action, login=person.login, name=person.name, address=_address(request))


def _address(request: Request) -> str:
    return client.address(request.scope, desk_of(request).settings.trusted_proxies)


ROUTES = [
    Route("/desk/sign-in", page, methods=["GET"]),
    Route("/desk/sign-in", sign_in, methods=["POST"]),
    Route("/desk/sign-out", sign_out, methods=["POST"]),
]
