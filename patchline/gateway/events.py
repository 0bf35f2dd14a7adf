"""Server-sent events of a conversation: the streams. What they tell comes from an event source."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from patchline.gateway.problems import Problem

HEARTBEAT_S = 15.0
RETRY_MS = 3000  # how long a browser waits before it connects again
MAX_STREAMS = 5  # a conversation


@dataclass(frozen=True)
class Event:
    """One event: `data` is JSON text in one line; a client that comes back names the last `id` that it saw.

    One without an id says how something stands: it is sent to each stream at its beginning and when it changes.
    """

    id: str | None
    name: str
    data: str

    def encode(self) -> str:
        place = "" if self.id is None else f"id: {self.id}\n"
        return f"{place}event: {self.name}\ndata: {self.data}\n\n"


class Gone(Exception):
    """The conversation was deleted: its streams end."""


class EventSource(Protocol):
    """Where events come from. `every_s`: how long to wait before asking for new ones again."""

    every_s: float

    async def since(self, conversation_id: str, last_event_id: str | None) -> Sequence[Event]:
        """The events of a conversation after `last_event_id` (all of them for None), oldest first. Raises `Gone`."""


class Events:
    """The open streams of one gateway. `close` ends them all, so that none holds up a shutdown."""

    def __init__(self, source: EventSource):
        self.source = source
        self.streams: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    def check_room(self, conversation_id: str) -> None:
        """Raises a 429 `Problem` when the conversation has `MAX_STREAMS` open already."""
        if self.streams[conversation_id] >= MAX_STREAMS:
            detail = "This conversation is open in too many places. The clinic line is {line}."
            raise Problem(429, detail, headers={"Retry-After": "30"})

    async def stream(self, conversation_id: str, last_event_id: str | None) -> AsyncIterator[str]:
        """The text of an event stream, until the client leaves, the conversation is deleted or the gateway closes."""
        self.streams[conversation_id] += 1
        loop = asyncio.get_running_loop()
        stands: dict[str, str] = {}
        try:
            yield f"retry: {RETRY_MS}\n\n"
            spoke = loop.time()
            while not self._closing.is_set():
                for event in await self.source.since(conversation_id, last_event_id):
                    if event.id is None and stands.get(event.name) == event.data:
                        continue
                    yield event.encode()
                    spoke = loop.time()
                    if event.id is None:
                        stands[event.name] = event.data
                    else:
                        last_event_id = event.id
                if loop.time() - spoke >= HEARTBEAT_S:
                    yield ": still here\n\n"
                    spoke = loop.time()
                await self._pause(min(self.source.every_s, max(0.01, spoke + HEARTBEAT_S - loop.time())))
        except Gone:
            return
        finally:
            self.streams[conversation_id] -= 1
            self.streams += Counter()  # drops the zeros

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
