"""`POST /model/parse`: what the model understands of a text outside of any conversation; for the gateway alone.

The address and the answer are those of Rasa's own HTTP API, which is not served here.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from sanic import Request, Sanic
    from sanic.response import HTTPResponse


def add_route(app: Sanic, token: str) -> None:
    """Serve it with the agent of `app`. `token`: what a caller has to show; none is asked for when it is empty."""
    from sanic import response  # here, because whoever starts the processes does without it

    @app.post("/model/parse")
    async def parse(request: Request) -> HTTPResponse:
        if not allowed(token, request.headers.get("Authorization", "")):
            return response.json({"detail": "only the gateway may ask"}, status=401)
        return response.json(await read(app.ctx.agent, request.json["text"]))


def allowed(token: str, authorization: str) -> bool:
    """Whether a caller has shown the token.

    >>> allowed("between-us", "Bearer between-us"), allowed("between-us", "Bearer guess"), allowed("", "")
    (True, False, True)
    """
    return not token or hmac.compare_digest(authorization.removeprefix("Bearer ").encode(), token.encode())


async def read(agent: Agent, text: str) -> dict[str, Any]:
    """Rasa's parse data of a typed text, which is never a command, without the text."""
    parsed = await agent.parse_message(text.lstrip("/ \t\r\n"))
    return {key: value for key, value in parsed.items() if key not in ("text", "text_tokens")}
