"""The clinic's facts, read from `clinic.yml`: its numbers, when it is open, and who is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from patchline import phones
from patchline.chain import DEFAULT_CONTACTS, DEFAULT_START_OVER, DEFAULT_WAITS, URGENCIES, Chain, Contact, Wait
from patchline.content import visit
from patchline.content.reading import ContentError, check_keys, read_yaml, where
from patchline.content.texts import hours_in_words
from patchline.hours import WEEKDAYS, Hours

EXAMPLE = datetime(2026, 1, 7, 17, tzinfo=UTC)  # the moment of a text that does not depend on one
DEMO_NUMBER = re.compile(r"555\D?01\d\d")
OPEN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")


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
    visit: Mapping[str, str] = field(default_factory=dict)  # what patients ask about a visit: names of `visit.FACTS`

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
            "map": visit.map_of(self.visit, self.address),
            **visit.said(self.visit, self.line.display),
            **visit.opening(self.office, self.on_call, self.line.display, self.phones["emergency"].display, EXAMPLE),
            **{key: phone.display for key, phone in self.phones.items()},
        }

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """Links that an answer may name, e.g. "map"."""
        return {"map": {"title": "Open a map", "href": self.placeholders["map"]}}

    @property
    def all_phones(self) -> tuple[Phone, ...]:
        return (self.line, *self.phones.values())


def load_clinic(path: Path) -> Clinic:
    """The clinic's facts. Raises `ContentError` for a missing or malformed field."""
    data = read_yaml(path)
    fields = {"reviewer", "reviewed", "name", "line", "address", "region", "timezone", "hours", "emergency"}
    check_keys(path, data, fields, optional={"holidays", "on_call", "escalation", "visit"})
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
        visit=_visit(path, data.get("visit")),
        **_escalation(path, data.get("escalation")),
    )


def _phone(path: Path, data: Any) -> Phone:
    check_keys(path, data, {"label", "display", "tel"})
    if not re.fullmatch(r"\+?\d{3,15}", data["tel"]):
        raise ContentError(
            f"{where(path, data, 'tel')}: 'tel' is dialled as it stands: digits only, e.g. \"+12025550142\""
        )
    return Phone(data["label"], data["display"], data["tel"])


def _visit(path: Path, data: Any) -> dict[str, str]:
    """What the clinic has written about a visit; {} where it has written nothing."""
    if data is None:
        return {}
    check_keys(path, data, set(), optional={*visit.FACTS, visit.MAP})
    for name, value in data.items():
        if not isinstance(value, str) or not value.strip():
            raise ContentError(f"{where(path, data, name)}: write a sentence, or leave the line out")
    if not str(data.get(visit.MAP, "https://")).startswith("https://"):
        raise ContentError(f"{where(path, data, visit.MAP)}: write the address of a map, https://…")
    return dict(data)


def _region(path: Path, data: Any) -> str:
    if data["region"] not in phones.REGIONS:
        raise ContentError(
            f"{where(path, data, 'region')}: unknown region; write the two letters of the country, e.g. US"
        )
    return str(data["region"])


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
