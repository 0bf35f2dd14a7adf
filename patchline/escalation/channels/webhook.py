"""A webhook: a signed POST to a program of the clinic.

    POST <url>
    Content-Type: application/json
    Patchline-Delivery: 4711             the same number for every attempt: a receiver drops what it has seen
    Patchline-Timestamp: 1795343520      when it was signed, Unix seconds
    Patchline-Signature: v1=<hex>        HMAC-SHA256 with the shared secret over "<timestamp>.<body>"

The receiver refuses a signature that is wrong and a timestamp that is more than 300 seconds away (`verify` shows how),
and answers 2xx once it has the message. 408, 409, 421, 423, 425, 429 and 5xx are tried again, not before `Retry-After`;
every other answer, redirects among them, is final.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from patchline.escalation.channels import http_answers
from patchline.escalation.channels.channel import SEND_LIMIT_S, Notice, SendError

WINDOW_S = 300
DELIVERY, TIMESTAMP, SIGNATURE = "Patchline-Delivery", "Patchline-Timestamp", "Patchline-Signature"


@dataclass(frozen=True)
class Webhook:
    """One receiver. `limit_s` is for the whole exchange, however slowly the other side answers."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    private: bool = False
    limit_s: float = SEND_LIMIT_S / 2

    def send(self, notice: Notice, now: datetime) -> None:
        body = json.dumps(notice.facts, separators=(",", ":")).encode()
        status, retry_after = asyncio.run(self._post(body, signed(self.secret, body, notice.delivery, now)))
        http_answers.check(status, retry_after, now)

    async def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str | None]:
        """The status and the Retry-After of the answer, whose body nobody reads."""
        try:
            async with (
                asyncio.timeout(self.limit_s),
                httpx.AsyncClient(follow_redirects=False, timeout=self.limit_s) as client,
                client.stream("POST", self.url, content=body, headers=headers) as answer,
            ):
                return answer.status_code, answer.headers.get("Retry-After")
        except (TimeoutError, httpx.TimeoutException):
            raise SendError("timeout") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL):
            raise SendError("bad_address", permanent=True) from None
        except httpx.ConnectError as error:
            raise SendError("tls" if _of_tls(error) else "no_connection") from None
        except httpx.HTTPError:
            raise SendError("connection_lost") from None


def signed(secret: str, body: bytes, delivery: int, now: datetime) -> dict[str, str]:
    """The headers of a message; `now` is UTC without a zone."""
    timestamp = str(int(now.replace(tzinfo=UTC).timestamp()))
    return {
        "Content-Type": "application/json",
        DELIVERY: str(delivery),
        TIMESTAMP: timestamp,
        SIGNATURE: f"v1={_signature(secret, timestamp, body)}",
    }


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, window_s: float = WINDOW_S) -> bool:
    """Whether a message is ours and fresh: what a receiver does. `headers` is asked for the names above."""
    timestamp, signature = headers.get(TIMESTAMP) or "", headers.get(SIGNATURE) or ""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 12:
        return False
    age_s = now.replace(tzinfo=UTC).timestamp() - int(timestamp)
    right = hmac.compare_digest(signature.encode(), f"v1={_signature(secret, timestamp, body)}".encode())
    return right and abs(age_s) <= window_s


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _of_tls(error: BaseException) -> bool:
    """Whether a certificate is at fault, anywhere among the causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
