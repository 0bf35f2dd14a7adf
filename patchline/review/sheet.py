"""The inbox as a table for people who live in spreadsheets: out, filled in, and back. Pure.

A line is one group of messages that mean the same. Staff fill in `decision`, and `sentence` may be reworded:

    right | not ours | discard | a topic (faq/activity) | warning: clinic | warning: emergency | warning: crisis

`test` = yes keeps the sentence as a test instead of teaching it. A line without a decision stays as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from patchline.cells import defused, fused
from patchline.review.acts import DISCARD, LONGEST, NOT_OURS, RIGHT, SIGN, TOPIC, Wanted
from patchline.review.inbox import Group
from patchline.review.names import OUT_OF_SCOPE
from patchline.review.teaching import SIGNS

GROUP, SENTENCE, DECISION, TEST = "group", "sentence", "decision", "test"
COLUMNS = (GROUP, SENTENCE, "asked", "latest", "why", "answered as", "looks like", DECISION, TEST)
WARNING = "warning:"
BIGGEST = 5_000_000  # bytes of a file


class BadSheet(Exception):
    """What is wrong with a file, one sentence for each line that is; nothing of it was done."""

    def __init__(self, faults: Sequence[str]):
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Row:
    """One line with a decision. `line`: where it stands, from 1, as a spreadsheet counts."""

    line: int
    group: Group
    sentence: str
    act: str
    topic: str | None
    test: bool

    @property
    def wanted(self) -> Wanted:
        teaches = self.topic is not None and self.act != RIGHT
        sentence = (self.sentence,)
        messages = tuple(item.message for item in self.group.items)
        return Wanted(
            self.act,
            messages,
            self.topic,
            sentence if teaches and not self.test else (),
            sentence if self.test and self.topic else (),
        )


def table(groups: Sequence[Group], titles: Mapping[str, str], moment: Callable[[datetime], str]) -> str:
    """CSV (RFC 4180) with one line of headings. No cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for group in groups:
        looks_like = group.first.topic or ""
        cells = (
            str(group.number),
            group.first.masked,
            str(len(group.items)),
            moment(group.items[0].at),
            "; ".join(reason.replace("_", " ") for reason in group.reasons),
            titles.get(group.first.answered or "", group.first.answered or ""),
            f"{looks_like} ({titles[looks_like]})" if looks_like in titles else looks_like,
            "",
            "",
        )
        writer.writerow(defused(cell) for cell in cells)
    return out.getvalue()


def read(data: bytes, groups: Sequence[Group], topics: Mapping[str, str]) -> list[Row]:
    """The lines with a decision. Raises `BadSheet` that names every line with a fault.

    `groups` are those that wait, `topics` the titles of what may be taught, by full intent. Commas, semicolons or tabs.
    """
    lines = _lines(data)
    headings = [cell.strip().casefold() for cell in lines[0]]
    if missing := [name for name in (GROUP, DECISION) if name not in headings]:
        raise BadSheet([f"Line 1: the column {' and '.join(repr(name) for name in missing)} is missing."])
    waiting = {str(group.number): group for group in groups}
    rows: list[Row] = []
    faults: list[str] = []
    for number, cells in enumerate(lines[1:], 2):
        values = {name: cell.strip() for name, cell in zip(headings, cells, strict=False)}
        if not values.get(DECISION):
            continue
        try:
            row = _row(number, values, waiting, topics)
            if twice := next((other.line for other in rows if other.group is row.group), None):
                raise ValueError(f"group {row.group.number} stands in line {twice}, too")
            rows.append(row)
        except ValueError as error:
            faults.append(f"Line {number}: {error}.")
    if faults:
        raise BadSheet(faults)
    return rows


def _row(line: int, values: Mapping[str, str], waiting: Mapping[str, Group], topics: Mapping[str, str]) -> Row:
    """Raises ValueError with what is wrong."""
    group = waiting.get(values.get(GROUP, "").removeprefix("'"))
    if group is None:
        raise ValueError(f"group {values.get(GROUP, '')!r} does not wait (any more); export again")
    sentence = " ".join(fused(values.get(SENTENCE, group.first.masked)).split())
    if not 1 <= len(sentence) <= LONGEST:
        raise ValueError(f"a sentence has 1 to {LONGEST} characters")
    test = values.get(TEST, "").casefold()
    if test not in ("", "no", "yes"):
        raise ValueError(f"test is yes or no, not {test!r}")
    act, topic = _decision(values[DECISION], topics)
    if act == RIGHT and test == "yes":
        topic = group.first.topic
    return Row(line, group, sentence, act, topic, test == "yes")


def _decision(text: str, topics: Mapping[str, str]) -> tuple[str, str | None]:
    """The act and the topic.

    >>> _decision("warning: crisis", {})
    ('sign', 'red_flag/crisis')
    """
    said = fused(text).casefold().strip()
    simple = {"right": (RIGHT, None), "discard": (DISCARD, None), "not ours": (NOT_OURS, OUT_OF_SCOPE)}
    if said.replace("_", " ") in simple:
        return simple[said.replace("_", " ")]
    if said.startswith(WARNING):
        tier = said.removeprefix(WARNING).strip()
        if tier in SIGNS:
            return SIGN, SIGNS[tier]
        raise ValueError(f"a warning is clinic, emergency or crisis, not {tier!r}")
    topic = said.partition(" (")[0]
    found = [id for id, title in topics.items() if topic == id or said == title.casefold()]
    if len(found) != 1:
        raise ValueError(f"there is no decision or topic {text!r}")
    return TOPIC, found[0]


def _lines(data: bytes) -> list[list[str]]:
    if len(data) > BIGGEST:
        raise BadSheet([f"The file is larger than {BIGGEST // 1_000_000} MB; it is none that was exported here."])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadSheet([f"Line {line}: not UTF-8. Save the file as “CSV UTF-8”."]) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadSheet([f"The file is no CSV: {error}."]) from None
    if not lines or not any(lines[0]):
        raise BadSheet(["The file is empty."])
    return lines
