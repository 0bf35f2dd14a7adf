"""The clinic's content: document, clinic facts and wordings, read from `content/` and checked.

A mistake in a file is a `ContentError` that names the file and the line, so that staff can mend it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from patchline.content import visit
from patchline.content.clinic import Clinic, Phone, load_clinic
from patchline.content.reading import ContentError, check_keys, read_yaml, where
from patchline.content.texts import fill, hours_in_words, tidy, without_empty_lines
from patchline.wordings import language_of, own_placeholders

__all__ = [
    "Clinic",
    "Content",
    "ContentError",
    "Line",
    "Phone",
    "check_keys",
    "fill",
    "hours_in_words",
    "load",
    "load_clinic",
    "read_wordings",
    "read_yaml",
    "tidy",
    "where",
]
CLOSED = ("closed", "closed/es", "closed/on_call", "closed/on_call/es")  # what `{closed}` stands for


@dataclass(frozen=True)
class Line:
    """One line of the clinic's document. `lead` lines only introduce the lines below them."""

    id: str
    text: str
    section: str  # the section's title, e.g. "After the procedure"
    lead: bool = False


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
        clinic, opens = self.clinic, self.clinic.office.opens(now, language)
        emergency = clinic.phones["emergency"].display
        known = clinic.placeholders | visit.opening(clinic.office, clinic.on_call, clinic.line.display, emergency, now)
        if not opens:
            return known
        key = "closed/on_call" if self.clinic.on_call else "closed"
        closed = self.written[key if language == "en" else f"{key}/{language}"]
        known |= {"opens": opens}
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


def load_wordings(path: Path, placeholders: Mapping[str, str]) -> dict[str, str]:
    """Wordings by id with their placeholders filled in. An unknown placeholder or a duplicate id is an error."""
    written = read_wordings(path)
    for key in CLOSED:
        if key not in written:
            raise ContentError(f"{path.name}: the wording {key!r} is missing")
    return {
        key: fill(text, {**placeholders, **dict.fromkeys(own_placeholders(key), "")}, f"{path.name}, {key}")
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
