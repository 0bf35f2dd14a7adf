"""The clinic's content: document, clinic facts and wordings, read from `content/` and checked.

A mistake in a file is a `ContentError` that names the file and the line, so that staff can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from patchline import phones
from patchline.chain import DEFAULT_CONTACTS, DEFAULT_START_OVER, DEFAULT_WAITS, URGENCIES, Chain, Contact, Wait
from patchline.hours import WEEKDAYS, Hours
from patchline.wordings import language_of, own_placeholders

DEMO_NUMBER = re.compile(r"555\D?01\d\d")
OPEN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
CLOSED = ("closed", "closed/es", "closed/on_call", "closed/on_call/es")  # what `{closed}` stands for


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

    def named_in(self, text: str) -> bool:
        """Whether a text says this number."""
        return re.search(rf"(?<!\d){re.escape(self.display)}(?!\d)", text) is not None

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
    region: str = "US"  # where a patient's number without a country's prefix belongs: ISO 3166 letters
    holidays: tuple[date, ...] = ()  # days on which it is closed
    on_call: bool = False  # somebody answers the line outside office hours, too
    contacts: tuple[Contact, ...] = DEFAULT_CONTACTS  # who is told about a ticket, in this order
    waits: Mapping[str, Wait] = field(default_factory=lambda: DEFAULT_WAITS)
    start_over: float = DEFAULT_START_OVER

    @property
    def office(self) -> Hours:
        """When it is open, for any moment."""
        return Hours(self.hours, self.timezone, self.holidays)

    @property
    def chain(self) -> Chain:
        """Whom to call about a ticket, in which order and after how long."""
        return Chain(self.contacts, self.waits, self.start_over, self.office)

    @property
    def placeholders(self) -> dict[str, str]:
        """What `{line}`, `{clinic}`, ... stand for in answers and wordings."""
        return {
            "clinic": self.name,
            "line": self.line.display,
            "address": self.address,
            "hours": hours_in_words(self.hours),
            "closed": "",
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
    wordings: Mapping[str, str]  # id -> text with the placeholders filled in, as it stands while the clinic is open
    written: Mapping[str, str] = field(default_factory=dict, repr=False)  # id -> text as it is written

    def wording(self, wording_id: str, now: datetime | None = None, **more: str) -> str:
        """A wording as it is said at `now` (with a timezone): while the clinic is closed, `{closed}` says so.

        Without `now` it is said as while the clinic is open. `more` fills the placeholders that only it has; those that
        are left out stay empty, and a line goes whose own placeholders are all empty.
        """
        written, own = self.written[wording_id], dict.fromkeys(own_placeholders(wording_id), "")
        if not own and (now is None or "{closed}" not in written):
            return self.wordings[wording_id]
        known = self.facts(now, language_of(wording_id)) if now else self.clinic.placeholders
        own = {name: more.get(name) or known.get(name, "") for name in own}
        return fill(without_empty_lines(written, own), known | own, wording_id)

    def facts(self, now: datetime, language: str = "en") -> dict[str, str]:
        """What the placeholders stand for at `now`; `{closed}` is empty while the clinic is open."""
        opens = self.clinic.office.opens(now, language)
        if not opens:
            return self.clinic.placeholders
        key = "closed/on_call" if self.clinic.on_call else "closed"
        closed = self.written[key if language == "en" else f"{key}/{language}"]
        known = self.clinic.placeholders | {"opens": opens}
        return known | {"closed": fill(closed, known, key)}


def load(folder: Path, max_characters: int = 1000) -> Content:
    """Read and check all content files of `folder`. Raises `ContentError`."""
    clinic = load_clinic(folder / "clinic.yml")
    document = read_yaml(folder / "document.yml")
    path = folder / "wordings.yml"
    wordings = load_wordings(path, clinic.placeholders | {"max_characters": f"{max_characters:,}"})
    lines = load_lines(folder / "document.yml", document)
    return Content(str(document["title"]), lines, clinic, wordings, read_wordings(path))


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
    fields = {"reviewer", "reviewed", "name", "line", "address", "region", "timezone", "hours", "emergency"}
    check_keys(path, data, fields, optional={"holidays", "on_call", "escalation"})
    check_keys(path, data["emergency"], {"emergency", "crisis", "poison"})
    for day, hours in data["hours"].items():
        if day not in WEEKDAYS or not OPEN.fullmatch(str(hours)) or str(hours)[:5] >= str(hours)[6:]:
            raise ContentError(f"{where(path, data['hours'], day)}: write hours as 'monday: 08:00-17:00'")
    if not all(type(day) is date for day in data.get("holidays") or []):
        raise ContentError(f"{where(path, data, 'holidays')}: write a holiday as year-month-day, e.g. 2026-12-25")
    if type(data.get("on_call", False)) is not bool:
        raise ContentError(f"{where(path, data, 'on_call')}: write 'true' or 'false'")
    try:
        ZoneInfo(data["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        example = "America/New_York"
        raise ContentError(f"{where(path, data, 'timezone')}: unknown timezone; write it like {example}") from error
    return Clinic(
        name=data["name"],
        line=_phone(path, data["line"]),
        address=data["address"],
        timezone=data["timezone"],
        hours=dict(data["hours"]),
        phones={key: _phone(path, value) for key, value in data["emergency"].items()},
        region=_region(path, data),
        holidays=tuple(data.get("holidays") or ()),
        on_call=data.get("on_call", False),
        **_escalation(path, data.get("escalation")),
    )


def _escalation(path: Path, data: Any) -> dict[str, Any]:
    """Contacts and waiting times; {} where the clinic has not written them down."""
    if data is None:
        return {}
    check_keys(path, data, {"contacts", "wait", "start_over"})
    contacts = tuple(_contact(path, item) for item in data["contacts"])
    if len({contact.name for contact in contacts}) < len(contacts):
        raise ContentError(f"{where(path, data, 'contacts')}: two contacts have the same name")
    for hours in ("open", "closed"):
        if not any(contact.when in ("always", hours) for contact in contacts):
            raise ContentError(f"{where(path, data, 'contacts')}: nobody is called while the clinic is {hours}")
    check_keys(path, data["wait"], set(URGENCIES))
    waits = {urgency: _wait(path, data["wait"], urgency) for urgency in URGENCIES}
    return {"contacts": contacts, "waits": waits, "start_over": _minutes(path, data, "start_over")}


def _contact(path: Path, item: Any) -> Contact:
    check_keys(path, item, {"name", "channels"}, optional={"when", "times"})
    contact = Contact(str(item["name"]), (), item.get("when", "always"), item.get("times", 2))
    channels = item["channels"]
    if len(contact.name) > 100:
        raise ContentError(f"{where(path, item, 'name')}: a name has 100 characters at most")
    if not isinstance(channels, list) or not all(re.fullmatch(r"[a-z0-9_-]{1,64}", str(name)) for name in channels):
        raise ContentError(f"{where(path, item, 'channels')}: write channels as names, e.g. [nurse-sms, nurse-mail]")
    if contact.when not in ("always", "open", "closed"):
        raise ContentError(f"{where(path, item, 'when')}: write 'always', 'open' or 'closed' (office hours)")
    if type(contact.times) is not int or not 1 <= contact.times <= 10:
        raise ContentError(f"{where(path, item, 'times')}: write how often, from 1 to 10")
    return replace(contact, channels=tuple(dict.fromkeys(str(name) for name in channels)))


def _wait(path: Path, data: Any, urgency: str) -> Wait:
    """Only what is no warning sign may wait until the clinic opens."""
    both = {"open", "closed"}
    check_keys(path, data[urgency], {"open"} if urgency == "routine" else both, optional=both)
    closed = _minutes(path, data[urgency], "closed") if "closed" in data[urgency] else None
    return Wait(_minutes(path, data[urgency], "open"), closed)


def _minutes(path: Path, data: Any, key: str) -> float:
    value = data[key]
    if type(value) is bool or not isinstance(value, int | float) or not 0 < value <= 24 * 60:
        raise ContentError(f"{where(path, data, key)}: write minutes as a number, e.g. 15")
    return float(value)


def load_wordings(path: Path, placeholders: Mapping[str, str]) -> dict[str, str]:
    """Wordings by id with their placeholders filled in. An unknown placeholder or a duplicate id is an error."""
    written = read_wordings(path)
    for key in CLOSED:
        if key not in written:
            raise ContentError(f"{path.name}: the wording {key!r} is missing")
    return {
        key: fill(text, placeholders | dict.fromkeys(own_placeholders(key), ""), f"{path.name}, {key}")
        for key, text in written.items()
    }


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


def _phone(path: Path, data: Any) -> Phone:
    check_keys(path, data, {"label", "display", "tel"})
    if not re.fullmatch(r"\+?\d{3,15}", data["tel"]):
        raise ContentError(
            f"{where(path, data, 'tel')}: 'tel' is dialled as it stands: digits only, e.g. \"+12025550142\""
        )
    return Phone(data["label"], data["display"], data["tel"])


def _region(path: Path, data: Any) -> str:
    if data["region"] not in phones.REGIONS:
        raise ContentError(
            f"{where(path, data, 'region')}: unknown region; write the two letters of the country, e.g. US"
        )
    return str(data["region"])


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
