"""The accounts of staff, for admins: add, switch off and on, role, a new password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from patchline.database.schema import now
from patchline.desk import accounts, passwords
from patchline.desk.access import ask, audit, desk_of, render, signed_in
from patchline.desk.accounts import ONE_TIME, AccountError, Staff
from patchline.desk.passwords import WeakPassword
from patchline.desk.roles import ROLES
from patchline.desk.throttle import Throttle

NO_FIELDS = {"login": "", "name": "", "role": "nurse"}


@signed_in("admin")
async def page(request: Request) -> Response:
    await audit(request, "staff_viewed")
    return await _page(request)


@signed_in("admin")
async def add(request: Request) -> Response:
    form = await request.form()
    fields = {name: str(form.get(name, "")) for name in NO_FIELDS}
    password = passwords.make()
    try:
        made = await _ask_with_password(request, accounts.add, **fields, password=password, at=now(), one_time=True)
    except (AccountError, WeakPassword) as error:
        return await _page(request, 422, wrong=str(error), fields=fields)
    await audit(request, "staff_added", detail=f"login:{made.login},role:{made.role}")
    return await _page(request, person=made, password=password)


@signed_in("admin")
async def new_password(request: Request) -> Response:
    password = passwords.make()
    try:
        person = await _ask_with_password(
            request, accounts.set_password, request.path_params["login"], password, now(), one_time=True
        )
    except AccountError as error:
        return await _page(request, 422, wrong=str(error))
    await ask(request, Throttle(desk_of(request).settings.secret).forgive, person.login, now())
    await audit(request, "staff_password_reset", detail=f"login:{person.login}")
    return await _page(request, person=person, password=password)


@signed_in("admin")
async def disable(request: Request) -> Response:
    return await _changed(request, "disabled", accounts.disable, now())


@signed_in("admin")
async def enable(request: Request) -> Response:
    return await _changed(request, "enabled", accounts.enable)


@signed_in("admin")
async def role(request: Request) -> Response:
    form = await request.form()
    return await _changed(request, "role", accounts.set_role, str(form.get("role", "")))


async def _changed(request: Request, what: str, change, *args) -> Response:
    try:
        person = await ask(request, change, request.path_params["login"], *args)
    except AccountError as error:
        return await _page(request, 422, wrong=str(error))
    more = f",role:{person.role}" if what == "role" else ""
    await audit(request, f"staff_{what}", detail=f"login:{person.login}{more}")
    return RedirectResponse(f"/desk/staff?done={what}", 303)


async def _ask_with_password(request: Request, change, *args, **more) -> Staff:
    return await desk_of(request).ask_with_password(change, *args, **more)


async def _page(
    request: Request,
    status: int = 200,
    wrong: str = "",
    fields: dict[str, str] = NO_FIELDS,
    person: Staff | None = None,
    password: str = "",
) -> Response:
    """`person` and `password`: what was just made and is shown this once."""
    everybody = await ask(request, accounts.everybody)
    values = {"wrong": wrong, "fields": fields, "person": person, "password": password, "days": ONE_TIME.days}
    return await render(request, "staff.html", status, everybody=everybody, roles=ROLES, **values)


ROUTES = [
    Route("/desk/staff", page, methods=["GET"]),
    Route("/desk/staff", add, methods=["POST"]),
    Route("/desk/staff/{login}/password", new_password, methods=["POST"]),
    Route("/desk/staff/{login}/disable", disable, methods=["POST"]),
    Route("/desk/staff/{login}/enable", enable, methods=["POST"]),
    Route("/desk/staff/{login}/role", role, methods=["POST"]),
]
