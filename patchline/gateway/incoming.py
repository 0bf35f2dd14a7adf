"""What a client sends: the body, read within bounds, and the message in it."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request

from patchline.gateway.problems import Problem

MAX_BYTES = 64 * 1024
BODY_WAIT_S = 10.0
MAX_CHOICE = 200  # characters
MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

TOO_LARGE = "That is more than I can take at once. Please send a few sentences, or call the clinic line: {line}."


@dataclass(frozen=True)
class Said:
    """One message as the client sent it: either typed text or the choice of a button."""

    message_id: str
    text: str | None = None
    choice: str | None = None
    network: str | None = None  # whence it came, see `client.source`


async def read_body(request: Request) -> bytes:
    """The whole body. Raises `Problem`: 413 over `MAX_BYTES` (without reading on), 408 when it does not come."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length[:12]) > MAX_BYTES:
        raise Problem(413, TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise Problem(413, TOO_LARGE)
    except (TimeoutError, ClientDisconnect):
        raise Problem(408, "Your message did not arrive in full. Please send it again.") from None
    return bytes(body)


async def read_said(request: Request) -> Said:
    """The message in a request. Raises `Problem` (400, 408, 413, 415 or 422) that names what is wrong."""
    return said(await _read_json(request))


async def read_helpful(request: Request) -> bool:
    """Whether an answer helped: the body is ``{"helpful": true}``. Raises like `read_said`."""
    data = await _read_json(request)
    if not isinstance(data, dict) or set(data) != {"helpful"}:
        raise Problem(422, "The body must be an object with the field helpful.", field="body")
    if not isinstance(data["helpful"], bool):
        raise Problem(422, "helpful must be true or false.", field="helpful")
    return data["helpful"]


async def _read_json(request: Request) -> Any:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Problem(415, "Send the message as application/json.")
    try:
        return json.loads((await read_body(request)).decode("utf-8"))
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested without end
        raise Problem(400, "The body is not JSON.") from None


def said(data: Any) -> Said:
    """Check the fields of a message. Raises a 422 `Problem` with the first wrong field.

    >>> said({"message_id": "m1", "text": "May I eat?"})
    Said(message_id='m1', text='May I eat?', choice=None, network=None)
    """
    if not isinstance(data, dict):
        raise Problem(422, "The body must be an object with the fields message_id and text or choice.", field="body")
    for name in data:
        if name not in ("message_id", "text", "choice"):
            # The name is the client's and may hold anything, so it is not repeated.
            raise Problem(422, "There is an unknown field; use message_id and text or choice.", field="body")
    message_id = data.get("message_id")
    if not isinstance(message_id, str) or not MESSAGE_ID.fullmatch(message_id):
        raise Problem(422, "message_id must be 1 to 64 letters, digits, '-' or '_'.", field="message_id")
    if "text" in data and "choice" in data:
        raise Problem(422, "Send text or choice, not both.", field="choice")
    if "choice" in data:
        return Said(message_id, choice=_choice(data["choice"]))
    if not isinstance(data.get("text"), str):
        raise Problem(422, "text must be a string.", field="text")
    return Said(message_id, text=data["text"])


def _choice(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_CHOICE:
        raise Problem(422, f"choice must be a string of 1 to {MAX_CHOICE} characters.", field="choice")
    return value
