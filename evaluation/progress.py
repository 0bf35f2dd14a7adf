"""A line that says how far a long command is: rewritten on a terminal, repeated now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

EVERY_S = 30.0  # between two lines where lines cannot be rewritten


class Line:
    """Shows `prefix` and a changing text.

    >>> line = Line("[3/35] curekart, diet"); line.show("12 s"); line.end("81.3 % right topic")
    """

    def __init__(self, prefix: str, output: TextIO = sys.stderr) -> None:
        self._prefix = prefix
        self._output = output
        self._terminal = output.isatty()
        self._shown = time.monotonic()

    def show(self, text: str) -> None:
        """Replace the changing part."""
        width = shutil.get_terminal_size().columns - 1
        if self._terminal:
            self._output.write(f"\r\x1b[K{f'{self._prefix}: {text}'[:width]}")
        elif time.monotonic() - self._shown >= EVERY_S:
            self._shown = time.monotonic()
            self._output.write(f"{self._prefix}: {text[:120]}\n")
        self._output.flush()

    def end(self, text: str) -> None:
        """Leave the line with its last text."""
        self._output.write(f"{chr(13) + chr(27) + '[K' if self._terminal else ''}{self._prefix}: {text}\n")
        self._output.flush()
