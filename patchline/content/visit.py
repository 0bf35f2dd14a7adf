"""What patients ask about a visit (parking, e-mail, languages, ...), as the chat says it. Pure.

Each fact is a sentence that the clinic has written in `clinic.yml` under `visit:`. For one that is missing the chat
says that it does not know, and where to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import quote_plus

from patchline.hours import Hours

# Name of a fact -> what is said where the clinic has not written it down; "" where nothing is to be said.
FACTS: Mapping[str, str] = {
    "directions": "",
    "parking": "I don't know about parking there. Please ask the clinic line: {line}",
    "lie_down": "",
    "email": "",
    "text": "I know of no e-mail address and no number for texts. Please ask when you call.",
    "relay": "",
    "fax": "",
    "companion": "The clinic has not told me who may come along or stay in the room. Please ask the line: {line}",
    "languages": "I don't know which languages the staff speak. Please ask the clinic line: {line}",
    "interpreter": "",
}
MAP = "map"  # the address of a map; made of the clinic's address where it is missing
OPENING = ("open_now", "closed_days", "at_night")  # what `opening` says
COMING_DAYS = 60  # holidays within these days are named


def said(given: Mapping[str, str], line: str) -> dict[str, str]:
    """Each fact as it is said. An e-mail address alone is enough to write to.

    >>> said({"email": "E-mail us: care@example.org"}, "555")["text"]
    ''
    """
    missing = dict(FACTS) | ({"text": ""} if given.get("email") else {})
    return {name: given.get(name) or missing[name].format(line=line) for name in FACTS}


def map_of(given: Mapping[str, str], address: str) -> str:
    """A link to a map of the clinic.

    >>> map_of({}, "100 Demo Avenue, Parkview")
    'https://www.openstreetmap.org/search?query=100+Demo+Avenue%2C+Parkview'
    """
    return given.get(MAP) or f"https://www.openstreetmap.org/search?query={quote_plus(address)}"


def opening(hours: Hours, on_call: bool, line: str, emergency: str, now: datetime) -> dict[str, str]:
    """Whether it is open at `now` (with a timezone), the holidays that come, and who answers when it is closed."""
    opens = hours.opens(now)
    if opens:
        open_now = f"The clinic is closed now. It opens {opens}."
    elif hours.is_open(now):
        open_now = "The clinic is open now."
    else:
        open_now = "The clinic is closed now."
    days = [_day(day) for day in sorted(hours.holidays) if 0 <= (day - hours.local(now).date()).days <= COMING_DAYS]
    closed = f"It is closed on {' and on '.join(days)}." if days else ""
    if on_call:
        night = f"When it is closed, also at night and on holidays, someone on call answers the clinic line: {line}"
    else:
        night = f"When it is closed, nobody answers the clinic line. In an emergency, call {emergency}."
    return dict(zip(OPENING, (open_now, closed, night), strict=True))


def _day(day: date) -> str:
    return f"{day:%A, %B} {day.day}"
