"""What an HTTP status says of a message: it went out, it may later, or it never will. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from patchline.escalation.channels.channel import SendError

LATER = (408, 409, 421, 423, 425, 429)  # and all from 500 on


def check(status: int, retry_after: str | None, now: datetime) -> None:
    """Nothing for 200 to 299. Raises `SendError` for everything else; `now` is UTC without a zone."""
    if 200 <= status < 300:
        return
    later = status in LATER or status >= 500
    raise SendError(f"http_{status}", permanent=not later, retry_after_s=seconds(retry_after, now) if later else None)


def seconds(retry_after: str | None, now: datetime) -> float | None:
    """A Retry-After header, which is a number of seconds or a date (RFC 9110); None for none and for nonsense.

    >>> seconds("120", now)
    120.0
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return max(0.0, (at.astimezone(UTC).replace(tzinfo=None) - now).total_seconds())
