"""Logs of the Rasa and action processes, in which no patient's word may stand.

Rasa, Sanic and SQLAlchemy put values into messages and exceptions (a failed INSERT quotes its row). So a message is
written in full only while a process starts, before there are patients; after that a line says who complained, where and
about which kind of error, and the ids that our own code names (`extra={"ids": {...}}`).
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import PurePath

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class PrivateFormatter(logging.Formatter):
    """Full lines until `serving` is set; then names, places and types alone."""

    serving = False

    def format(self, record: logging.LogRecord) -> str:
        if not self.serving:
            return super().format(record)
        place = f"{PurePath(record.pathname).name}:{record.lineno}"
        line = f"{self.formatTime(record)} {record.levelname} {record.name} at {place}"
        line += "".join(f" {key}={value}" for key, value in getattr(record, "ids", {}).items())
        error = record.exc_info[1] if record.exc_info else None
        return f"{line}: {chain(error)}" if error else line


def chain(error: BaseException) -> str:
    """An exception and its causes by type and place, e.g. 'RasaException at action.py:810 from OSError at tcp.py:3'."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < 5:
        frames = traceback.extract_tb(cause.__traceback__)
        place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        parts.append(type(cause).__name__ + place)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(parts)


def configure() -> PrivateFormatter:
    """Warnings and errors of all libraries to standard error; the caller sets `serving` once patients may come."""
    formatter = PrivateFormatter(FORMAT)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(lambda record: not (record.name == "py.warnings" and "DeprecationWarning" in record.getMessage()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)  # Rasa warns of a model that it cannot use; what is deprecated helps nobody here
    return formatter
