"""A change as people read it: lines that went and came, and in a changed line the words. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

WORDS = re.compile(r"\s+|[^\s]+")
ALIKE = 0.6  # below it two lines are two lines, and marks in them would only be in the way
MOST = 400  # lines of one file that are shown
Pieces = tuple[tuple[str, bool], ...]  # (text, whether it differs)


@dataclass(frozen=True)
class Line:
    """`kind` is "same", "gone", "new" or "gap" (lines that are left out)."""

    kind: str
    pieces: Pieces


@dataclass
class FileDiff:
    path: str
    lines: list[Line] = field(default_factory=list)
    more: int = 0  # lines that are not shown


def of_texts(before: str, after: str, path: str = "") -> FileDiff:
    """What lies between two texts."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return _paired(FileDiff(path), [line for line in lines if not line.startswith(("---", "+++"))])


def words(before: str, after: str) -> tuple[Pieces, Pieces]:
    """Two texts, each in pieces that say what differs."""
    olds, news = WORDS.findall(before), WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, olds, news, autojunk=False)
    if matcher.ratio() < ALIKE:
        return ((before, False),), ((after, False),)
    old: list[tuple[str, bool]] = []
    new: list[tuple[str, bool]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if b > a:
            old.append(("".join(olds[a:b]), kind != "equal"))
        if d > c:
            new.append(("".join(news[c:d]), kind != "equal"))
    return tuple(old), tuple(new)


def _paired(found: FileDiff, lines: list[str]) -> FileDiff:
    gone: list[str] = []
    new: list[str] = []

    def flush() -> None:
        if len(gone) == len(new):
            for one, other in zip(gone, new, strict=True):
                pieces = words(one, other)
                found.lines += [Line("gone", pieces[0]), Line("new", pieces[1])]
        else:
            found.lines += [Line("gone", ((one, False),)) for one in gone]
            found.lines += [Line("new", ((one, False),)) for one in new]
        gone.clear()
        new.clear()

    for line in lines:
        if line.startswith("-"):
            if new:
                flush()
            gone.append(line[1:])
        elif line.startswith("+"):
            new.append(line[1:])
        elif line.startswith("@@"):
            flush()
            found.lines += [Line("gap", ())] if found.lines else []
        elif not line.startswith("\\"):
            flush()
            found.lines.append(Line("same", ((line[1:], False),)))
    flush()
    found.more = max(0, len(found.lines) - MOST)
    del found.lines[MOST:]
    return found
