"""What the database could not take waits here: in memory, and on the disk where that can be, until it is taken."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import anyio.to_thread

from patchline.escalation.spool import Item, Spool
from patchline.gateway import logs
from patchline.gateway.journal import JournalError

EVERY_S = 1.0
FAILURES = 3  # in a row, after which a round is over: the database is away
DISK_WAIT_S = 1.0

Key = tuple[str, str]  # (conversation id, message id)
T = TypeVar("T", bound=Item)


class Waiting(Generic[T]):
    """Items by message, one each. `take` puts one into the database; it raises `JournalError` while that is away."""

    def __init__(self, spool: Spool[T], take: Callable[[T], Awaitable[None]], every_s: float = EVERY_S):
        self.spool, self.take, self.every_s = spool, take, every_s
        self.items: OrderedDict[Key, T] = OrderedDict()  # everything that was not taken yet
        self.unsaved: set[Key] = set()  # of these, what is in memory alone
        self._woken = asyncio.Event()

    async def keep(self, item: T) -> None:
        """Until the database takes it; in place of an earlier item of the same message. Never raises."""
        self.items[item.key] = item
        self.unsaved.add(item.key)
        await self._save(item)
        self._woken.set()

    async def settled(self, key: Key) -> None:
        """In the database: nothing of it has to wait any longer."""
        item = self.items.pop(key, None)
        if item is None:
            return
        self.unsaved.discard(key)
        try:
            await _on_disk(self.spool.drop, item)
        except (OSError, TimeoutError) as error:  # the next start finds it once more, which changes nothing
            logs.failure("spool_failed", error, **_ids(key))
        if key in self.items:  # one that came meanwhile may have lost its file just now
            self.unsaved.add(key)
            await self._save(self.items[key])

    async def load(self) -> None:
        """Take up what an earlier run of this gateway left on the disk."""
        try:
            for item in await _on_disk(self.spool.waiting):
                self.items.setdefault(item.key, item)
            unreadable = await _on_disk(self.spool.unreadable)
        except (OSError, TimeoutError) as error:
            return logs.failure("spool_failed", error)
        if unreadable:
            logs.event("spool_unreadable", level=logs.ERROR, files=unreadable)
        await self._reserve()
        self._woken.set()

    async def run(self) -> None:
        """A background task: has the database take what waits, for as long as the gateway lives."""
        await self.load()
        while True:
            await self._woken.wait()
            try:
                await self.drain()
            except Exception as error:  # the task must live: nobody restarts it
                logs.failure("internal_error", error)
            if self.items:
                await asyncio.sleep(self.every_s)
            else:
                self._woken.clear()
                await self._reserve()

    async def drain(self) -> None:
        """Try once to have everything taken that waits."""
        failures = 0
        for key, item in list(self.items.items()):
            try:
                await self.take(item)
            except JournalError:
                if key in self.items:
                    self.items.move_to_end(key)  # one that the database refuses must not hold up the others
                    await self._save(self.items[key])
                failures += 1
                if failures == FAILURES:
                    return
                continue
            if self.items.get(key) is item:  # nothing newer came meanwhile
                await self.settled(key)

    async def _reserve(self) -> None:
        """Room for the day on which the disk is full."""
        try:
            await _on_disk(self.spool.reserve)
        except (OSError, TimeoutError) as error:
            logs.failure("no_reserve", error)

    async def _save(self, item: T) -> None:
        """To the disk, if it is not there; and off it again, if the database took it while it was written."""
        if item.key not in self.unsaved:
            return
        try:
            await _on_disk(self.spool.keep, item)
            if item.key not in self.items:
                await _on_disk(self.spool.drop, item)
        except (OSError, TimeoutError) as error:
            logs.failure("spool_failed", error, **_ids(item.key))
        else:
            self.unsaved.discard(item.key)


def _ids(key: Key) -> dict[str, str]:
    return {"conversation": key[0], "message": key[1]}


async def _on_disk(work: Any, *args: Any) -> Any:
    """Blocking work on the disk, in a thread; a disk that hangs is given up on."""
    async with asyncio.timeout(DISK_WAIT_S):
        return await anyio.to_thread.run_sync(work, *args, abandon_on_cancel=True)
