"""The purge: deletes what is older than it may be. Once a day by itself, by one gateway of all; or by a command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import anyio.to_thread

from patchline.database import engines, trackers
from patchline.database.schema import now
from patchline.gateway import logs, upkeep
from patchline.gateway.retention import BATCH, KINDS, MOST, Kind, Limits, forget_strays, strays
from patchline.settings import Settings

EVERY = timedelta(days=1)
LOOK_S = 900.0  # how often to look whether it is time, and how soon to try again after an error
FIRST_LOOK_S = 60.0  # patients first
PAUSE_S = 0.1  # between batches: whoever waits for the write lock gets it

Told = Callable[[str, int], None]  # what is deleted, and how many so far


class Stopped(Exception):
    """Told to stop, or somebody else has taken the purge over."""


class Purge:
    """One purge. `run` raises SQLAlchemy's errors as they come; what is deleted by then stays deleted."""

    def __init__(self, settings: Settings, owner: str, told: Told = lambda what, count: None):
        self.settings, self.owner, self.told = settings, owner, told
        self.engine = engines.make_upkeep_engine(engines.url_of(settings))
        self.rasa = trackers.make_engine(settings, engines.make_upkeep_engine)
        self._stop = threading.Event()

    def stop(self) -> None:
        """End after the batch that is under way. Callable from another thread."""
        self._stop.set()

    def run(self, limits: Limits) -> dict[str, int]:
        """Delete everything beyond `limits`; the purge has to be claimed. Returns the counts by name.

        Raises `Stopped`.
        """
        counts = {kind.name: self._delete(kind, limits) for kind in KINDS}
        counts["rasa_alone"] = self._forget_strays(limits)
        engines.cut_log(self.engine)  # so that no deleted word is left in SQLite's log
        if trackers.is_there(self.rasa):
            engines.cut_log(self.rasa)
        return counts

    def _delete(self, kind: Kind, limits: Limits) -> int:
        count, more = 0, kind.is_there(self.engine)
        while more:
            ids, before = kind.ids(self.engine, limits), count
            for start in range(0, len(ids), BATCH):
                count += kind.delete_batch(self.engine, limits, ids[start : start + BATCH])
                self.told(kind.name, count)
                self._next()
            more = len(ids) == MOST and count > before
        return count

    def _forget_strays(self, limits: Limits) -> int:
        count = 0
        for ids in strays(self.engine, self.rasa, limits):
            if ids:
                forget_strays(self.engine, ids)
                count += len(ids)
                self.told("rasa_alone", count)
            self._next()
        return count

    def _next(self) -> None:
        if self._stop.wait(PAUSE_S) or not upkeep.renew(self.engine, upkeep.PURGE, self.owner, now()):
            raise Stopped


class Daily:
    """A background task of the gateway: purges once a day, unless another process has."""

    def __init__(self, settings: Settings, look_s: float = LOOK_S, first_look_s: float = FIRST_LOOK_S):
        self.settings, self.look_s, self.first_look_s = settings, look_s, first_look_s

    async def run(self) -> None:
        await asyncio.sleep(self.first_look_s)
        while True:
            await self.round()
            await asyncio.sleep(self.look_s)

    async def round(self) -> None:
        """Purge if it is time. An error is logged, and the next round tries again."""
        purge = Purge(self.settings, upkeep.new_owner())
        try:
            counts = await anyio.to_thread.run_sync(purge_if_due, purge, abandon_on_cancel=True)
        except asyncio.CancelledError:
            purge.stop()
            raise
        except Stopped:
            logs.event("purge_stopped")
        except Exception as error:  # the task must live: nobody restarts it
            logs.failure("purge_failed", error)
        else:
            if counts is not None:
                logs.event("purged", **counts)


def purge_if_due(purge: Purge) -> dict[str, int] | None:
    """None when it is not time yet, or another process does it."""
    return claimed(purge, Limits.of(purge.settings, now()), EVERY)


def claimed(purge: Purge, limits: Limits, every: timedelta | None = None) -> dict[str, int] | None:
    """Claim the purge, do it, and write down that it was done. None when it cannot be had."""
    began = now()
    if not upkeep.claim(purge.engine, upkeep.PURGE, purge.owner, began, began - every if every else None):
        return None
    try:
        counts = purge.run(limits)
    except BaseException:
        upkeep.give_back(purge.engine, upkeep.PURGE, purge.owner)
        raise
    upkeep.done(purge.engine, upkeep.PURGE, now(), counts)
    return counts
