"""Log lines: one JSON object each, ids only. No patient's word, and no message of an exception, which may quote one."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any

ERROR = logging.ERROR


class Lines:
    """The log lines of one program, under a logger's name."""

    def __init__(self, name: str):
        self.logger = logging.getLogger(name)

    def event(self, name: str, level: int = logging.INFO, **fields: Any) -> None:
        """Log one line: `{"event": name, ...fields}`. Fields hold ids, numbers and fixed words, never text."""
        if self.logger.isEnabledFor(level):
            known = {key: value for key, value in fields.items() if value is not None}
            self.logger.log(level, json.dumps({"event": name, **known}))

    def failure(self, name: str, error: BaseException, **fields: Any) -> None:
        """Log an error by type and place, e.g. `{"error": "KeyError", "at": "journal.py:88"}`."""
        cause = error.__cause__ or error
        self.event(name, logging.ERROR, error=type(cause).__name__, at=place(cause), **fields)

    def configure(self) -> None:
        """These lines go to standard output; warnings of libraries to standard error, without exception messages."""
        lines = logging.StreamHandler(sys.stdout)
        form = logging.Formatter(
            '{"at":"%(asctime)s.%(msecs)03dZ","level":"%(levelname)s","log":%(message)s}', "%Y-%m-%dT%H:%M:%S"
        )
        form.converter = time.gmtime
        lines.setFormatter(form)
        self.logger.handlers, self.logger.propagate = [lines], False
        self.logger.setLevel(logging.INFO)
        others = logging.StreamHandler(sys.stderr)
        others.setFormatter(_PlaceOnly("%(levelname)s %(name)s: %(message)s"))
        root = logging.getLogger()
        root.handlers = [others]
        root.setLevel(logging.WARNING)


def place(error: BaseException) -> str:
    """Where an error was raised, as "journal.py:88 < conversation.py:51", innermost first, three frames at most."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "patchline" in frame.filename] or frames
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(own[-3:]))


class _PlaceOnly(logging.Formatter):
    """Formats an exception as its type and place."""

    def formatException(self, ei: Any) -> str:
        return f"{ei[0].__name__} at {place(ei[1])}"

    def formatStack(self, stack_info: str) -> str:
        return ""
