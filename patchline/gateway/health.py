"""Readiness: a model answers a real question, asked at most every two seconds."""

from __future__ import annotations

import asyncio
import time

from patchline.gateway.dialogue import Dialogue, DialogueError, Probe

KEPT_S = 2.0


class Readiness:
    """Whether Rasa answers, and why not. Probes that come together share one question."""

    def __init__(self, dialogue: Dialogue, timeout_s: float):
        self.dialogue, self.timeout_s = dialogue, timeout_s
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._found: Probe | str = "error"

    async def probe(self) -> Probe | str:
        """The probe's answer, or the reason why there is none (timeout, refused, error, empty)."""
        async with self._lock:
            if time.monotonic() - self._asked_at > KEPT_S:
                try:
                    self._found = await self.dialogue.probe(self.timeout_s)
                except DialogueError as error:
                    self._found = error.reason
                self._asked_at = time.monotonic()
            return self._found
