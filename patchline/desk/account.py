"""One's own account: another password, and signing out everywhere."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.database.schema import now
from patchline.desk import accounts, sessions, visits
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.accounts import Staff
from patchline.desk.passwords import SHORTEST, WeakPassword
from patchline.desk.sign_in import TOO_MANY, in_words, tried


@signed_in("nurse", one_time=True)
async def page(request: Request) -> Response:
    await audit(request, "account_viewed")
    return await _page(request)


@signed_in("nurse", one_time=True)
async def change_password(request: Request) -> Response:
    form = await request.form()
    present, new, again = (str(form.get(name, "")) for name in ("password", "new_password", "new_password_again"))
    staff: Staff = request.state.staff
    if new != again:
        return await _page(request, 422, "The new password was not the same both times. Nothing was changed.")
    if new == present:
        return await _page(request, 422, "The new password is the one from before. Choose another.")
    person, attempt = await tried(request, staff.login, present)
    if attempt.wait_s:
        return await _page(request, 429, TOO_MANY.format(wait=in_words(attempt.wait_s)))
    if person is None:
        return await _page(request, 422, "The password from before is not right. Nothing was changed.")
    session = visits.session_of(request)
    keep = session.key if session else ""
    try:
        change = accounts.set_password
        await desk_of(request).ask_with_password(change, staff.login, new, now(), keep=keep)
    except WeakPassword as error:
        return await _page(request, 422, str(error))
    await audit(request, "password_changed")
    return RedirectResponse("/desk/account?done=password", 303)


@signed_in("nurse", one_time=True)
async def sign_out_everywhere(request: Request) -> Response:
    await ask(request, sessions.end_all, request.state.staff)
    await audit(request, "signed_out_everywhere")
    response = RedirectResponse("/desk/sign-in?done=everywhere", 303)
    visits.drop_session(request, response)
    return response


async def _page(request: Request, status: int = 200, wrong: str = "") -> Response:
    staff: Staff = request.state.staff
    browsers = await ask(request, sessions.count, staff, now())
    return await render(request, "account.html", status, wrong=wrong, browsers=browsers, shortest=SHORTEST)


ROUTES = [
    Route("/desk/account", page, methods=["GET"]),
    Route("/desk/account/password", change_password, methods=["POST"]),
    Route("/desk/account/sign-out-everywhere", sign_out_everywhere, methods=["POST"]),
]
