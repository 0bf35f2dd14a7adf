"""Shows on a terminal what is being done and for how long; elsewhere one line for each phase."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO


class Progress:
    """One line that says the phase and the seconds so far.

    On a terminal the line is drawn again in place; in a file or a pipe each phase is written once. Used as
    `progress.phase("loading Rasa")`, then `progress.tick()` a few times a second, and `progress.done(…)`.
    """

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self.out = out or sys.stdout
        self.clock = clock
        self.live = self.out.isatty()
        self.started = clock()
        self._phase = ""

    @property
    def seconds(self) -> float:
        return self.clock() - self.started

    def phase(self, text: str) -> None:
        """Begin a phase. The same phase again changes nothing."""
        if text == self._phase:
            return
        self._phase = text
        if self.live:
            self.tick()
        else:
            self._write(f"{text} …\n")

    def tick(self) -> None:
        """Draw the seconds again. Does nothing where a line cannot be drawn over."""
        if self.live and self._phase:
            self._write(f"\r\x1b[K{self._phase} … {self.seconds:.0f} s")

    def say(self, text: str) -> None:
        """A line that stays."""
        self._write(f"\r\x1b[K{text}\n" if self.live else f"{text}\n")
        self._phase = ""

    def end(self) -> None:
        """Leave the line as it is, so that what is written next, by whomever, begins a new one."""
        if self.live and self._phase:
            self._write("\n")
        self._phase = ""

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


class Tail:
    """The lines that are added to a log file from now on."""

    def __init__(self, path: Path):
        self.path = path
        self._position = path.stat().st_size if path.exists() else 0
        self._rest = ""

    def lines(self) -> list[str]:
        """Complete lines since the last call. A file that is not there yet has none."""
        try:
            if self.path.stat().st_size < self._position:  # rotated: begin again
                self._position, self._rest = 0, ""
            with open(self.path, "rb") as file:
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            return []
        self._position += len(data)
        *lines, self._rest = (self._rest + data.decode("utf-8", "replace")).split("\n")
        return lines


def indented(lines: list[str], count: int = 15) -> str:
    """The last lines of a log as they stand in an error message."""
    return "\n".join("    " + line for line in lines[-count:])
