"""Errors as RFC 9457 problem documents. Each one carries the clinic line: an error, too, helps the patient."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.gateway import logs

MEDIA_TYPE = "application/problem+json"
INTERNAL = "Something went wrong on our side. Please try again, or call the clinic line: {line}."


class Problem(Exception):
    """A request that gets an error. `detail` is for people; "{line}" in it becomes the clinic line.

    `field` names the field of the request body that is wrong.
    """

    def __init__(self, status: int, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.status, self.detail, self.field, self.headers = status, detail, field, headers


class Problems:
    """Turns errors into responses: `{type, title, status, detail, line[, field]}`. `line` says the number of now."""

    def __init__(self, line: Callable[[], str]):
        self.line = line

    def response(self, problem: Problem) -> JSONResponse:
        line = self.line()
        document = {
            "type": "about:blank",  # RFC 9457: the status says it all
            "title": HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "detail": problem.detail.replace("{line}", line),
            "line": line,
        }
        if problem.field is not None:
            document["field"] = problem.field
        return JSONResponse(document, problem.status, problem.headers, MEDIA_TYPE)

    async def on_problem(self, request: Request, problem: Problem) -> JSONResponse:
        return self.response(problem)

    async def on_http_exception(self, request: Request, error: HTTPException) -> JSONResponse:
        """What the router finds: no such page, or not with this method."""
        details = {404: "There is nothing at this address.", 405: "This address does not take that method."}
        detail = details.get(error.status_code, HTTPStatus(error.status_code).description or "The request failed.")
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers.setdefault("Allow", "GET, HEAD")  # the static files, which do not say
        return self.response(Problem(error.status_code, detail, headers=headers))


class CatchAll:
    """Middleware: whatever goes wrong further in becomes a 500 problem, and a log line with its type and place only.

    Starlette's own handler raises the error again, and the server would log its message, which may quote a patient.
    """

    def __init__(self, app: ASGIApp, problems: Problems):
        self.app, self.problems = app, problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            logs.failure("internal_error", error)
            if not started:
                await self.problems.response(Problem(500, INTERNAL))(scope, receive, send)
