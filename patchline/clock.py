"""Moments as people say them, in the clinic's own time. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

MESES = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"  # months, in Spanish
).split()


def moment(at: datetime, now: datetime, timezone: str, language: str = "en") -> str:
    """When something was, said at `now`; both carry a timezone. Another day than today is named.

    >>> ten = datetime(2026, 11, 22, 15, 31, tzinfo=UTC)
    >>> moment(ten, ten, "America/New_York"), moment(ten, ten + timedelta(days=1), "America/New_York", "es")
    ('at 10:31 AM', 'el 22 de noviembre a las 10:31 de la mañana')
    """
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    if language == "es":
        clock = a_las(local, f":{local.minute:02d}")
        return clock if today else f"el {local.day} de {MESES[local.month - 1]} {clock}"
    clock = f"at {twelve(local)}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
    return clock if today else f"on {local:%B} {local.day} {clock}"


def a_las(local: datetime, minutes: str) -> str:
    """A time of the day in Spanish, e.g. "a la 1:05 de la tarde"; `minutes` as they are to be written."""
    part = "de la mañana" if local.hour < 12 else "de la tarde" if local.hour < 20 else "de la noche"
    return f"{'a la' if twelve(local) == 1 else 'a las'} {twelve(local)}{minutes} {part}"


def twelve(local: datetime) -> int:
    """The hour on a clock of twelve hours."""
    return (local.hour - 1) % 12 + 1
