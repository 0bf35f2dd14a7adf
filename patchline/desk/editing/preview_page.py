"""The page in the frame beside a form: the widget that patients have, alone, and cut off from every server.

It is the same for everybody and holds nothing: the draft comes from the form's page, in the browser
(`static/preview.js`), and what would be the chat's server is `static/chat_stand_in.js`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from patchline.desk.access import render, signed_in

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'none'",  # whatever the widget does, nothing that is pressed or typed here leaves the page
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    ]
)


@signed_in("editor")
async def page(request: Request) -> Response:
    answer = await render(request, "editing/widget.html")
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return answer


ROUTES = [Route("/desk/preview", page, methods=["GET"])]
