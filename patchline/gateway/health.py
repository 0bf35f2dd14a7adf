"""Readiness: a model answers a real question; and whether staff hear of tickets. Asked at most every two seconds."""

from __future__ import annotations

import asyncio
import time

from patchline.database.schema import now
from patchline.escalation.health import read_health
from patchline.gateway.dialogue import DialogueError, Probe
from patchline.gateway.edition import Edition, Live
from patchline.gateway.journal import Journal, JournalError

KEPT_S = 2.0


class Readiness:
    """Whether Rasa answers, and why not. Probes that come together share one question."""

    def __init__(self, live: Live, timeout_s: float):
        self.live, self.timeout_s = live, timeout_s
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._found: Probe | str = "error"
        self._of: Edition | None = None

    async def probe(self) -> Probe | str:
        """The probe's answer, or the reason why there is none (timeout, refused, error, empty)."""
        async with self._lock:
            edition = self.live.now
            if self._of is not edition or time.monotonic() - self._asked_at > KEPT_S:
                try:
                    self._found = await edition.dialogue.probe(self.timeout_s)
                except DialogueError as error:
                    self._found = error.reason
                self._asked_at, self._of = time.monotonic(), edition
            return self._found


class Tended:
    """Whether every ticket reaches somebody at the clinic."""

    def __init__(self, journal: Journal):
        self.journal = journal
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._problems: list[str] | None = None

    async def problems(self) -> list[str] | None:
        """What is wrong, as sentences; [] when all is well, None when the database cannot say."""
        async with self._lock:
            if time.monotonic() - self._asked_at > KEPT_S:
                try:
                    health = await self.journal.run(read_health, self.journal.engine, now())
                    self._problems = health.problems
                except JournalError:
                    self._problems = None
                self._asked_at = time.monotonic()
            return self._problems
