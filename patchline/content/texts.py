"""Texts with `{placeholders}`, and hours as patients read them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from patchline.content.reading import ContentError
from patchline.hours import WEEKDAYS


def fill(text: str, placeholders: Mapping[str, str], place: str = "text") -> str:
    """Replace `{line}` and the like; a paragraph that comes to nothing goes. Raises `ContentError` for an unknown name.

    >>> fill("Call {line}.", {"line": "911"})
    'Call 911.'
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in placeholders:
            known = ", ".join(f"{{{name}}}" for name in sorted(placeholders))
            raise ContentError(f"{place}: unknown placeholder {match[0]}; use one of {known}")
        return placeholders[match[1]]

    return tidy(re.sub(r"\{(\w+)\}", value, text))


def without_empty_lines(text: str, values: Mapping[str, str]) -> str:
    """A text without the lines in which none of `values` comes to anything.

    >>> without_empty_lines("Name: {name}\\nPhone: {phone}", {"name": "", "phone": "911"})
    'Phone: {phone}'
    """
    named = [(line, [name for name in re.findall(r"\{(\w+)\}", line) if name in values]) for line in text.split("\n")]
    return "\n".join(line for line, names in named if not names or any(values[name] for name in names))


def tidy(text: str) -> str:
    """Without the gap that an empty placeholder leaves."""
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def hours_in_words(hours: Mapping[str, str]) -> str:
    """Hours as a patient reads them; days with the same hours stand together.

    >>> hours_in_words({"monday": "08:00-17:00", "tuesday": "08:00-17:00"})
    'Monday to Tuesday, 8:00 am to 5:00 pm'
    """
    runs: list[list[str]] = []
    for day in WEEKDAYS:
        if day not in hours:
            continue
        last = runs[-1] if runs else None
        if last and hours[last[-1]] == hours[day] and WEEKDAYS.index(day) == WEEKDAYS.index(last[-1]) + 1:
            last.append(day)
        else:
            runs.append([day])
    return "; ".join(_run_in_words(run, hours[run[0]]) for run in runs)


def _run_in_words(days: list[str], hours: str) -> str:
    name = days[0].capitalize() if len(days) == 1 else f"{days[0].capitalize()} to {days[-1].capitalize()}"
    start, end = (_clock(part) for part in hours.split("-"))
    return f"{name}, {start} to {end}"


def _clock(time: str) -> str:
    hour, minute = (int(part) for part in time.split(":"))
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {'am' if hour < 12 else 'pm'}"
