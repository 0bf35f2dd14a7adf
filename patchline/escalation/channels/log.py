"""The log channel, which every installation has: a line for whoever watches the log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patchline.escalation.channels.channel import Notice

FACTS = ("reference", "kind", "tier", "contact")  # ids and fixed words only; a log is never private


@dataclass(frozen=True)
class LogChannel:
    """Writes `{"event": "notice", "reference": …}` by `write`, the program's own way to log a line."""

    write: Callable[..., Any]
    name: str = "log"
    private: bool = False

    def send(self, notice: Notice, now: datetime) -> None:
        self.write("notice", **{key: notice.facts.get(key) for key in FACTS})
