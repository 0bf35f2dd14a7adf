"""Turns: one message of a conversation at a time goes to Rasa, whose tracker would otherwise mix them up."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from patchline.safety.model import Tier

MAX_CONVERSATIONS = 10_000
MAX_REMEMBERED = 30  # replies and choices a conversation


class Busy(Exception):
    """Another message of the conversation is still at Rasa."""


@dataclass
class Turn:
    """What the gateway itself remembers of a conversation, enough to go on while the journal is away."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0  # requests that hold or await the lock
    replies: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)  # by message id
    offered: OrderedDict[str, str] = field(default_factory=OrderedDict)  # choice -> title
    tiers: set[Tier] = field(default_factory=set)  # of the conversation's escalations

    def remember_reply(self, message_id: str, reply: dict[str, Any]) -> None:
        _remember(self.replies, {message_id: reply})

    def remember_offered(self, titles: dict[str, str]) -> None:
        _remember(self.offered, titles)


class Turns:
    """The turns of all conversations; the longest unused ones are dropped beyond `MAX_CONVERSATIONS`."""

    def __init__(self, limit: int = MAX_CONVERSATIONS):
        self.limit = limit
        self.turns: OrderedDict[str, Turn] = OrderedDict()

    @asynccontextmanager
    async def take(self, conversation_id: str, wait_s: float) -> AsyncIterator[Turn]:
        """Hold the conversation's turn. Raises `Busy` when it is not free within `wait_s`."""
        turn = self.turns.setdefault(conversation_id, Turn())
        self.turns.move_to_end(conversation_id)
        turn.users += 1
        try:
            try:
                async with asyncio.timeout(wait_s):
                    await turn.lock.acquire()
            except TimeoutError:
                raise Busy from None
            try:
                yield turn
            finally:
                turn.lock.release()
        finally:
            turn.users -= 1
            self._drop_unused()

    def tiers(self, conversation_id: str) -> frozenset[Tier]:
        """What is remembered of a conversation's escalations, without holding its turn."""
        turn = self.turns.get(conversation_id)
        return frozenset(turn.tiers) if turn else frozenset()

    def drop(self, conversation_id: str) -> None:
        """Forget a conversation, once nobody uses it."""
        turn = self.turns.get(conversation_id)
        if turn:
            turn.replies.clear()
            turn.offered.clear()
            turn.tiers.clear()
            if not turn.users:
                del self.turns[conversation_id]

    def _drop_unused(self) -> None:
        excess = len(self.turns) - self.limit
        if excess > 0:
            for key in [key for key, turn in self.turns.items() if not turn.users][:excess]:
                del self.turns[key]


def _remember(store: OrderedDict[str, Any], new: dict[str, Any]) -> None:
    store.update(new)
    while len(store) > MAX_REMEMBERED:
        store.popitem(last=False)
