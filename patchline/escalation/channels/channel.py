"""The port of every channel: what is sent, what may go wrong, and whether trying again makes sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

SEND_LIMIT_S = 20.0  # a channel answers or has failed by then; a lease is longer


@dataclass(frozen=True)
class Notice:
    """One message to one contact. `facts` is the same for programs: reference, kind, tier, link, …"""

    delivery: int  # the delivery's number; the same for every attempt, so a receiver can tell a duplicate
    title: str
    body: str
    facts: dict[str, Any] = field(default_factory=dict)


class SendError(Exception):
    """A message did not go out. `code` goes on record, e.g. "http_503"; it never holds a word of anybody.

    `permanent`: it never will, so the next contact is called at once. `retry_after_s`: what the other side asked for.
    """

    def __init__(self, code: str, permanent: bool = False, retry_after_s: float | None = None):
        super().__init__(code)
        self.code, self.permanent, self.retry_after_s = code, permanent, retry_after_s


class Channel(Protocol):
    """A way to reach somebody. `private`: only the contact reads it, so it may say what it is about."""

    @property
    def name(self) -> str: ...

    @property
    def private(self) -> bool: ...

    def send(self, notice: Notice, now: datetime) -> None:
        """Returns once the other side has taken the message, or raises `SendError`, within `SEND_LIMIT_S`."""
