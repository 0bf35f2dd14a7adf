"""What the supervisor says in its log, in words for the person who started it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

LINE = re.compile(r"(?:INFO|WARN) (?P<what>spawned|exited): '?(?P<program>\w+)'?(?P<rest>.*)")
LIMIT = 3  # exits while starting, after which a program is said to be broken


@dataclass(frozen=True)
class Event:
    """One change of one program."""

    program: str
    kind: Literal["started", "died"]
    reason: str = ""  # e.g. "exit status 1; not expected"


def event(line: str) -> Event | None:
    """Read one line of the supervisor's log; None for a line that tells of no program.

    >>> event("2026-11-22 15:44:26,210 INFO spawned: 'rasa' with pid 41")
    Event(program='rasa', kind='started', reason='')
    >>> event("2026-11-22 15:44:27,300 WARN exited: rasa (exit status 1; not expected)").kind
    'died'
    """
    match = LINE.search(line)
    if not match:
        return None
    if match["what"] == "spawned":
        return Event(match["program"], "started")
    return Event(match["program"], "died", match["rest"].strip(" ()"))


@dataclass
class Exits:
    """Counts how often each program died, until all of them are up."""

    count: Counter[str] = field(default_factory=Counter)

    def note(self, happened: Event) -> None:
        if happened.kind == "died":
            self.count[happened.program] += 1

    @property
    def broken(self) -> str | None:
        """The program that died too often, or None."""
        return next((program for program, count in self.count.items() if count >= LIMIT), None)
