"""The journal: what patients wrote and were answered. A message is on the disk before Rasa is asked.

Every method raises `JournalError` when the database cannot do it in time; the caller then goes on without.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.gateway.records import Entry, Forgotten, Records, Transcript

WAIT_S = 0.75  # longer than a lock wait, short enough to leave Rasa its time
T = TypeVar("T")


class JournalError(Exception):
    """The database could not do it now. The cause is chained; its message may quote a patient and is not logged."""


class Journal:
    """The journal at a database URL. Queries run in threads of their own, never on the event loop."""

    def __init__(self, url: str):
        self.url = url
        self.engine = engines.make_engine(url)
        # Several gateways may share a server's database; a SQLite file belongs to one.
        self.shared = self.engine.dialect.name != "sqlite"
        self._records = Records(self.engine)
        self._threads = anyio.CapacityLimiter(engines.THREADS)
        self._uncut = False  # deleted words may stand in the database's log
        self._sound = False  # False until the tables are known to be there, and after a failure

    async def mend(self) -> None:
        """Make the tables when they may be missing."""
        if not self._sound:
            await self.run(self._mend, wait_s=engines.MIGRATION_LOCK_WAIT_S)
            self._sound = True

    async def open(self, conversation_id: str, greeting: list[dict[str, Any]]) -> None:
        await self.run(self._records.open, conversation_id, greeting)

    async def receive(self, conversation_id: str, entry: Entry) -> Entry | None:
        return await self.run(self._records.receive, conversation_id, entry)

    async def find(self, conversation_id: str, message_id: str) -> Entry | None:
        return await self.run(self._records.find, conversation_id, message_id)

    async def settle(self, conversation_id: str, entry: Entry) -> None:
        await self.run(self._records.settle, conversation_id, entry)

    async def offered(self, conversation_id: str, choice: str) -> str | None:
        return await self.run(self._records.offered, conversation_id, choice)

    async def transcript(self, conversation_id: str) -> Transcript | None:
        return await self.run(self._records.transcript, conversation_id)

    async def forget(self, conversation_id: str) -> None:
        await self.run(self._records.forget, conversation_id)
        self._uncut = True
        with contextlib.suppress(JournalError):  # it is forgotten; what is left in the log goes with the next round
            await self.cut_log()

    async def cut_log(self) -> None:
        """Empty the database's log if deleted words may stand in it."""
        if self._uncut:
            self._uncut = not await self.run(engines.cut_log, self.engine)

    async def to_forget(self) -> list[str]:
        return await self.run(self._records.to_forget)

    async def forgotten_by_rasa(self, conversation_id: str) -> None:
        await self.run(self._records.forgotten_by_rasa, conversation_id)

    def close(self) -> None:
        self.engine.dispose()

    async def run(self, query: Callable[..., T], *args: Any, wait_s: float = WAIT_S) -> T:
        """Run a blocking query on this database in a thread; its arguments are its own."""
        try:
            with anyio.fail_after(wait_s):
                # A thread cannot be stopped: after the time limit it is left to end on its own lock wait.
                return await anyio.to_thread.run_sync(query, *args, abandon_on_cancel=True, limiter=self._threads)
        except Forgotten:
            raise
        except Exception as error:  # locked, full, read-only, gone: in no case may it keep a patient from an answer
            self._sound = False
            raise JournalError(type(error).__name__) from error

    def _mend(self) -> None:
        self.engine.dispose()  # connections to a file that was replaced
        migrate(self.url)
