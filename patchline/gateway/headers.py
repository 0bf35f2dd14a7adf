"""Security headers on every response."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from patchline.gateway.incoming import MAX_BYTES

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

HSTS = "max-age=31536000"  # a year of https alone, where the clinic's address is one


class SecurityHeaders:
    """Middleware: adds `SECURITY`, keeps API answers out of caches, and hangs up on bodies that nobody will read.

    A header that an answer has already stays as it is: the desk's pages may send forms.
    """

    def __init__(self, app: ASGIApp, https: bool = False):
        self.app, self.headers = app, SECURITY | ({"Strict-Transport-Security": HSTS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
                if _body_left_over(scope, message["status"]):
                    headers["Connection"] = "close"
            await send(message)

        await self.app(scope, receive, with_headers)


def _body_left_over(scope: Scope, status: int) -> bool:
    """True when a large or endless body may still be coming.

    The server would go on receiving it after the answer, for as long as the client likes; closing ends that.
    """
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    large = "transfer-encoding" in headers or not length.isdigit() or int(length[:12]) > MAX_BYTES
    return large and (status >= 400 or scope["method"] != "POST")
