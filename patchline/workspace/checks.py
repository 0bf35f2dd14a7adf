"""Live checks of what patients read, while it is written and in the tests: plain sentences, [] when all is well. Pure.

They do not keep anybody from saving a draft; what must never be saved is refused by `validity`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from patchline import content
from patchline.content import Clinic, ContentError, Line
from patchline.wordings import OF_SETTINGS, language_of, own_placeholders

GRADE, GRADE_OF_WARNINGS = 8, 6  # Flesch-Kincaid
LONGEST = 900  # characters; a patient reads this on a telephone
NUMBER = re.compile(r"\d+(?:[–-]\d+)?")
UNIT = re.compile(r"\d+(?:[–-]\d+)?\s*(minutes|hours|days|weeks|mL|percent|%)")
PHONE = re.compile(r"\d{3}\D?\d{4}|\b911\b|\b988\b")
STOP_WORDS = re.compile(r"\b(stop|hold|skip|pause|quit)\b", re.IGNORECASE)
ACTION = re.compile(r"(Call|Please call|Llame|Por favor llame)")
NUMBERING = re.compile(r"^\d+\. ", re.MULTILINE)  # of steps


@dataclass(frozen=True)
class Problem:
    """What is wrong with a text: `kind` is a code ("number"), `sentence` is for people."""

    kind: str
    sentence: str


def answer_problems(
    topic: str, text: str, sources: Sequence[str], title: str, lines: Mapping[str, Line], clinic: Clinic
) -> list[Problem]:
    """Everything that is wrong with the answer of a topic. `text` is as it is written, with `{line}`."""
    found = source_problems(sources, lines) + number_problems(text, sources, lines) + phone_problems(text)
    found += medicine_problems(text) + length_problems(text) + grade_problems(text, GRADE, clinic)
    if topic.startswith("faq/"):
        found += [] if sources else [Problem("sources", "Name the lines of the document that the answer rests on.")]
        found += [] if title.strip() else [Problem("title", "Give the topic a title: it stands on buttons.")]
    if topic.startswith("not_covered/"):
        found += not_covered_problems(text)
    return found


def wording_problems(id: str, text: str, clinic: Clinic) -> list[Problem]:
    """Everything that is wrong with a wording of content/wordings.yml; two words on a button are no text."""
    if id.startswith("option/"):
        return []
    found = phone_problems(text) + medicine_problems(text)
    if language_of(id) == "en":
        found += grade_problems(text, GRADE_OF_WARNINGS, clinic, own_placeholders(id))
    if id.startswith("red_flag/"):
        found += warning_problems(text, clinic)
    return found


def source_problems(sources: Iterable[str], lines: Mapping[str, Line]) -> list[Problem]:
    """Cited lines exist."""
    return [
        Problem("sources", f"The document has no line “{source}” any more.")
        for source in sources
        if source not in lines
    ]


def number_problems(text: str, sources: Iterable[str], lines: Mapping[str, Line]) -> list[Problem]:
    """Every number, and every number with its unit, stands in a cited line."""
    cited = " ".join(lines[source].text for source in sources if source in lines)
    said = NUMBERING.sub("", text)
    missing = [number for number in NUMBER.findall(said) if number not in NUMBER.findall(cited)]
    missing += [unit[0] for unit in UNIT.finditer(said) if unit[0] not in cited and unit[0].split()[0] not in missing]
    return [Problem("number", f"“{one}” does not stand in the cited lines.") for one in dict.fromkeys(missing)]


def phone_problems(text: str) -> list[Problem]:
    """No telephone number is written out: `clinic.yml` has it once."""
    if not PHONE.search(text):
        return []
    return [Problem("phone", "Write {line}, {emergency}, {crisis} or {poison} instead of a telephone number.")]


def medicine_problems(text: str) -> list[Problem]:
    """Nobody is told to stop or hold a medicine."""
    return [
        Problem("medicine", f"“{word}” may be read as advice to leave out a medicine. Say it without this word.")
        for word in dict.fromkeys(found[0].lower() for found in STOP_WORDS.finditer(text))
    ]


def length_problems(text: str) -> list[Problem]:
    length = len(text.strip())
    if not length:
        return [Problem("length", "The answer is empty.")]
    if length > LONGEST:
        return [Problem("length", f"The answer has {length} characters; more than {LONGEST} are too many to read.")]
    return []


def grade_problems(text: str, limit: float, clinic: Clinic, own: Iterable[str] = ()) -> list[Problem]:
    """It reads at this school grade or below."""
    try:
        grade = reading_grade(text, clinic, own)
    except ContentError as error:
        return [Problem("placeholder", f"{error}.")]
    if grade <= limit:
        return []
    return [
        Problem("grade", f"It reads at grade {grade:.1f}; {limit} or below is wanted. Shorter sentences help most.")
    ]


def reading_grade(text: str, clinic: Clinic, own: Iterable[str] = ()) -> float:
    """The Flesch-Kincaid grade of a text with the clinic's facts in it. `ContentError`: an unknown `{name}`."""
    import textstat  # half a second, which only who edits has to wait for

    known = clinic.placeholders | OF_SETTINGS | dict.fromkeys(own, "Ana")
    filled = content.fill(text, known, "the text")
    return textstat.flesch_kincaid_grade(re.sub(r"[•\n]+|\(?\d[\d() –-]+", ". ", filled).replace("..", "."))


def not_covered_problems(text: str) -> list[Problem]:
    """What the document does not answer is said honestly, with the clinic's line."""
    found = [] if "{line}" in text else [Problem("line", "Name the clinic line: {line}")]
    found += [] if "page" in text else [Problem("honest", "Say that the clinic's page does not answer this.")]
    return found


def warning_problems(text: str, clinic: Clinic) -> list[Problem]:
    """A warning begins with what to do, and with the number to call."""
    try:
        opening = content.fill(text, clinic.placeholders, "the text").split("\n\n")[0]
    except ContentError as error:
        return [Problem("placeholder", f"{error}.")]
    if ACTION.match(opening) and any(phone.display in opening for phone in clinic.all_phones):
        return []
    return [Problem("action", "A warning begins with “Call …” and the number, before anything else.")]
