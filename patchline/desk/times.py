"""Times as a nurse reads them: how long ago, and by the clinic's own clock. Pure; times come as UTC without a zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def lasted(seconds: float) -> str:
    """A length of time, short.

    >>> lasted(30), lasted(725), lasted(7500), lasted(200000)
    ('<1 min', '12 min', '2 h 5 min', '2 days')
    """
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return "<1 min"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{minutes // 1440} days"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, to the second where it is fresh.

    >>> ago(now - timedelta(seconds=5), now)
    '5 s ago'
    """
    seconds = max((now - at).total_seconds(), 0)
    return f"{int(seconds)} s ago" if seconds < 60 else f"{lasted(seconds)} ago"


def until(at: datetime, now: datetime) -> str:
    """How long until then; "now" for what is due.

    >>> until(now + timedelta(minutes=3), now)
    'in 3 min'
    """
    seconds = (at - now).total_seconds()
    return "now" if seconds < 1 else f"in {lasted(seconds)}"


@dataclass(frozen=True)
class Clock:
    """The clinic's clock; `zone` is an IANA name, e.g. "America/New_York"."""

    zone: str

    def local(self, at: datetime) -> datetime:
        return at.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone))

    def short(self, at: datetime, now: datetime) -> str:
        """The hour, and the day where it is not today: "10:32", "Nov 21, 10:32", "Nov 21 2025, 10:32"."""
        local, today = self.local(at), self.local(now)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local:%b} {local.day}{year}, {local:%H:%M}"

    def full(self, at: datetime) -> str:
        """Everything: "2026-11-22 10:32:05 EST"."""
        return f"{self.local(at):%Y-%m-%d %H:%M:%S %Z}"

    def starts(self, day: date) -> datetime:
        """When a day of the clinic begins, as UTC without a zone."""
        return datetime.combine(day, time.min, ZoneInfo(self.zone)).astimezone(UTC).replace(tzinfo=None)

    def span(self, first: date, last: date) -> tuple[datetime, datetime]:
        """From the beginning of the first day to the end of the last one, the end exclusive."""
        return self.starts(first), self.starts(last + timedelta(days=1))
