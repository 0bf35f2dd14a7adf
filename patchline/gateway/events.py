"""Server-sent events of a conversation: the streams. What they tell comes from an event source."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from patchline.gateway.problems import Problem

HEARTBEAT_S = 15.0
RETRY_MS = 3000  # how long a browser waits before it connects again
MAX_STREAMS = 5  # a conversation
MAX_OF_ADDRESS = 50  # a network; the patients of a hospital share one
MAX_IN_ALL = 500  # each holds a connection


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
        self.streams: Counter[str] = Counter()  # by conversation
        self.networks: Counter[str] = Counter()  # the same by network
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    def check_room(self, conversation_id: str, network: str = "") -> None:
        """Raises a 429 `Problem` when the conversation, its network or everybody has as many open as there may be.

        The chat itself goes on without one: the widget asks again from time to time.
        """
        full = self.networks[network] >= MAX_OF_ADDRESS or self.streams.total() >= MAX_IN_ALL
        if self.streams[conversation_id] >= MAX_STREAMS or full:
            detail = "This conversation is open in too many places. The clinic line is {line}."
            raise Problem(429, detail, headers={"Retry-After": "30"})

    async def stream(self, conversation_id: str, last_event_id: str | None, network: str = "") -> AsyncIterator[str]:
        """The text of an event stream, until the client leaves, the conversation is deleted or the gateway closes."""
        self.streams[conversation_id] += 1
        self.networks[network] += 1
        loop = asyncio.get_running_loop()
        closing, asking = asyncio.create_task(self._closing.wait()), None
        stands: dict[str, str] = {}
        try:
            yield f"retry: {RETRY_MS}\n\n"
            beat_at, wait_s = loop.time() + HEARTBEAT_S, 0.0
            while not self._closing.is_set():
                asking = asking or asyncio.create_task(self._ask(wait_s, conversation_id, last_event_id))
                await asyncio.wait({asking, closing}, timeout=beat_at - loop.time(), return_when="FIRST_COMPLETED")
                if asking.done():
                    for event in _new(asking.result(), stands):
                        yield event.encode()
                        last_event_id, beat_at = event.id or last_event_id, loop.time() + HEARTBEAT_S
                    asking, wait_s = None, self.source.every_s
                if loop.time() >= beat_at:
                    yield ": still here\n\n"
                    beat_at = loop.time() + HEARTBEAT_S
        except Gone:
            return
        finally:
            for task in (closing, asking):
                if task:
                    task.cancel()
            self.streams[conversation_id] -= 1
            self.networks[network] -= 1
            self.streams += Counter()  # drops the zeros
            self.networks += Counter()

    async def _ask(self, wait_s: float, conversation_id: str, last_event_id: str | None) -> Sequence[Event]:
        await asyncio.sleep(wait_s)
        return await self.source.since(conversation_id, last_event_id)


def _new(found: Sequence[Event], stands: dict[str, str]) -> Iterator[Event]:
    """Without what was told already of how things stand, which `stands` remembers by name."""
    for event in found:
        if event.id is not None:
            yield event
        elif stands.get(event.name) != event.data:
            stands[event.name] = event.data
            yield event
