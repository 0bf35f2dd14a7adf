"""The clinic's content: document, clinic facts and wordings, read from `content/` and checked.

A mistake in a file is a `ContentError` that names the file and the line, so that staff can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

DEMO_NUMBER = re.compile(r"555\D?01\d\d")


class ContentError(Exception):
    """Content that cannot be used; the message names file, line and field."""


@dataclass(frozen=True)
class Line:
    """One line of the clinic's document. `lead` lines only introduce the lines below them."""

    id: str
    text: str
    section: str  # the section's title, e.g. "After the procedure"
    lead: bool = False


@dataclass(frozen=True)
class Phone:
    """A number as people read it (`display`) and as a telephone dials it (`tel`, e.g. "+12025550142")."""

    label: str
    display: str
    tel: str

    @property
    def href(self) -> str:
        return f"tel:{self.tel}"

    @property
    def link(self) -> dict[str, str]:
        """The number as a link that dials, e.g. {"title": "Call 911 (emergency number)", "href": "tel:911"}."""
        return {"title": f"Call {self.display} ({self.label})", "href": self.href}

    @property
    def demo(self) -> bool:
        """True for 555-0100 to 555-0199, the numbers reserved for fiction (North American Numbering Plan)."""
        return bool(DEMO_NUMBER.search(self.display))


@dataclass(frozen=True)
class Clinic:
    """Who the clinic is, how to reach it and when."""

    name: str
    line: Phone
    address: str
    timezone: str
    hours: Mapping[str, str]  # weekday -> "08:00-17:00"; a missing day is closed
    phones: Mapping[str, Phone]  # "emergency", "crisis", "poison"

    @property
    def placeholders(self) -> dict[str, str]:
        """What `{line}`, `{clinic}`, ... stand for in answers and wordings."""
        return {
            "clinic": self.name,
            "line": self.line.display,
            "address": self.address,
            "hours": hours_in_words(self.hours),
            **{key: phone.display for key, phone in self.phones.items()},
        }

    @property
    def all_phones(self) -> tuple[Phone, ...]:
        return (self.line, *self.phones.values())


@dataclass(frozen=True)
class Content:
    """Everything under `content/`, checked."""

    document_title: str
    lines: Mapping[str, Line]
    clinic: Clinic
    wordings: Mapping[str, str]  # id -> text with the placeholders filled in


def load(folder: Path, max_characters: int = 1000) -> Content:
    """Read and check all content files of `folder`. Raises `ContentError`."""
    clinic = load_clinic(folder / "clinic.yml")
    document = read_yaml(folder / "document.yml")
    wordings = load_wordings(folder / "wordings.yml", clinic.placeholders | {"max_characters": f"{max_characters:,}"})
    return Content(str(document["title"]), load_lines(folder / "document.yml", document), clinic, wordings)


def load_lines(path: Path, document: Any) -> dict[str, Line]:
    """The document's lines by id, in reading order. A duplicate id, an unknown key or an empty text is an error."""
    check_keys(path, document, {"id", "title", "source", "reviewer", "reviewed", "sections"})
    lines: dict[str, Line] = {}
    for section in document["sections"]:
        check_keys(path, section, {"id", "title", "lines"})
        for item in section["lines"]:
            check_keys(path, item, {"id", "text"}, optional={"kind"})
            if item["id"] in lines:
                raise ContentError(f"{where(path, item)}: the id {item['id']!r} stands twice")
            lines[item["id"]] = Line(item["id"], item["text"], section["title"], item.get("kind") == "lead")
    return lines


def load_clinic(path: Path) -> Clinic:
    """The clinic's facts. Raises `ContentError` for a missing or malformed field."""
    data = read_yaml(path)
    check_keys(path, data, {"reviewer", "reviewed", "name", "line", "address", "timezone", "hours", "emergency"})
    check_keys(path, data["emergency"], {"emergency", "crisis", "poison"})
    for day, hours in data["hours"].items():
        if day not in WEEKDAYS or not re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", str(hours)):
            raise ContentError(f"{where(path, data['hours'], day)}: write hours as 'monday: 08:00-17:00'")
    return Clinic(
        name=data["name"],
        line=_phone(path, data["line"]),
        address=data["address"],
        timezone=data["timezone"],
        hours=dict(data["hours"]),
        phones={key: _phone(path, value) for key, value in data["emergency"].items()},
    )


def load_wordings(path: Path, placeholders: Mapping[str, str]) -> dict[str, str]:
    """Wordings by id with their placeholders filled in. An unknown placeholder or a duplicate id is an error."""
    return {key: fill(text, placeholders, f"{path.name}, {key}") for key, text in read_wordings(path).items()}


def read_wordings(path: Path) -> dict[str, str]:
    """Wordings by id as they are written. A duplicate id, a missing reviewer or an unknown field is an error."""
    data = read_yaml(path)
    check_keys(path, data, {"reviewer", "reviewed", "wordings"})
    wordings: dict[str, str] = {}
    for item in data["wordings"]:
        check_keys(path, item, {"id", "text"})
        if item["id"] in wordings:
            raise ContentError(f"{where(path, item)}: the id {item['id']!r} stands twice")
        wordings[item["id"]] = item["text"]
    return wordings


def fill(text: str, placeholders: Mapping[str, str], place: str = "text") -> str:
    """Replace `{line}` and the like. Raises `ContentError` for an unknown name.

    >>> fill("Call {line}.", {"line": "911"})
    'Call 911.'
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in placeholders:
            known = ", ".join(f"{{{name}}}" for name in sorted(placeholders))
            raise ContentError(f"{place}: unknown placeholder {match[0]}; use one of {known}")
        return placeholders[match[1]]

    return re.sub(r"\{(\w+)\}", value, text)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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


def _phone(path: Path, data: Any) -> Phone:
    check_keys(path, data, {"label", "display", "tel"})
    if not re.fullmatch(r"\+?\d{3,15}", data["tel"]):
        raise ContentError(
            f"{where(path, data, 'tel')}: 'tel' is dialled as it stands: digits only, e.g. \"+12025550142\""
        )
    return Phone(data["label"], data["display"], data["tel"])


def read_yaml(path: Path) -> Any:
    """Parse one YAML file, keeping line numbers. Raises `ContentError` for a missing or malformed file."""
    try:
        return YAML().load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path.name} line {line}: not valid YAML: {error.problem}") from error
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror}") from error


def check_keys(path: Path, data: Any, required: set[str], optional: set[str] = frozenset()) -> None:
    """Every required key is there and filled, and no key is unknown. Raises `ContentError` naming file and line."""
    if not isinstance(data, Mapping):
        raise ContentError(f"{where(path, data)}: expected fields ({', '.join(sorted(required))})")
    for key in data:
        if key not in required | optional:
            raise ContentError(f"{where(path, data, key)}: unknown field {key!r}")
    for key in sorted(required):
        if data.get(key) in (None, "", []):
            raise ContentError(f"{where(path, data)}: the field {key!r} is missing or empty")


def where(path: Path, node: Any, key: Any = None) -> str:
    """'clinic.yml line 12': the place of a node, or of one key in it, as staff find it in an editor."""
    marks = getattr(node, "lc", None)
    if marks is None:
        return path.name
    line = marks.key(key)[0] if key is not None and marks.data and key in marks.data else marks.line
    return f"{path.name} line {line + 1}"
