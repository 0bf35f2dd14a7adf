"""Office hours: whether the clinic is open at a moment, and when it opens next, in words. Pure; no clock in here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patchline.clock import MESES, a_las, twelve

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOK_AHEAD = timedelta(days=30)
_DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


@dataclass(frozen=True)
class Hours:
    """When the clinic is open. Times are local to `timezone` (an IANA name, e.g. "America/New_York")."""

    week: Mapping[str, str]  # weekday -> "08:00-17:00"; a missing day is closed
    timezone: str
    holidays: Collection[date] = ()

    def local(self, now: datetime) -> datetime:
        """A moment by the clinic's clock."""
        return now.astimezone(ZoneInfo(self.timezone))

    def is_open(self, now: datetime) -> bool:
        """Whether the clinic is open at `now`, which must carry a timezone."""
        local = self.local(now)
        span = self._on(local.date())
        return span is not None and span[0] <= local.time() < span[1]

    def next_opening(self, now: datetime) -> datetime | None:
        """When it opens next, in local time; None while it is open, or where no opening is in sight (30 days)."""
        if self.is_open(now):
            return None
        local = self.local(now)
        for ahead in range(LOOK_AHEAD.days + 1):
            day = local.date() + timedelta(days=ahead)
            span = self._on(day)
            if span and (ahead or local.time() < span[0]):
                return datetime.combine(day, span[0], local.tzinfo)
        return None

    def opens(self, now: datetime, language: str = "en") -> str:
        """When it opens next, as one says it; empty while it is open or where that is not known.

        >>> Hours({"monday": "08:00-17:00"}, "America/New_York").opens(datetime(2026, 11, 21, 17, tzinfo=UTC))
        'on Monday at 8 am'
        """
        opening = self.next_opening(now)
        if opening is None:
            return ""
        days = (opening.date() - now.astimezone(opening.tzinfo).date()).days
        return _in_spanish(opening, days) if language == "es" else _in_english(opening, days)

    def _on(self, day: date) -> tuple[time, time] | None:
        written = self.week.get(WEEKDAYS[day.weekday()])
        if written is None or day in self.holidays:
            return None
        start, end = written.split("-")
        return time.fromisoformat(start), _until(end)


def _until(end: str) -> time:
    """24:00 is the last moment of the day."""
    return time.max if end == "24:00" else time.fromisoformat(end)


def _in_english(opening: datetime, days: int) -> str:
    minutes = f":{opening.minute:02d}" if opening.minute else ""
    clock = f"{twelve(opening)}{minutes} {'am' if opening.hour < 12 else 'pm'}"
    day = {0: "today", 1: "tomorrow"}.get(days)
    if day is None:
        day = f"on {opening:%A}" + (f", {opening:%B} {opening.day}," if days > 6 else "")
    return f"{day} at {clock}"


def _in_spanish(opening: datetime, days: int) -> str:
    clock = a_las(opening, f":{opening.minute:02d}" if opening.minute else "")
    day = {0: "hoy", 1: "mañana"}.get(days)
    if day is None:
        date_ = f" {opening.day} de {MESES[opening.month - 1]}" if days > 6 else ""
        day = f"el {_DIAS[opening.weekday()]}{date_}"
    return f"{day} {clock}"
