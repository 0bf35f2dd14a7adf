"""What the gateway does beside answering: mend the journal, look for what was overlooked, and have Rasa forget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from patchline.gateway import logs
from patchline.gateway.dialogue import DialogueError
from patchline.gateway.edition import Live
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.overlooked import UNDER_WAY_S, Overlooked

EVERY_S = 15.0
FORGET_WAIT_S = 5.0
BEGIN_S = 3.0  # patients who connect while the gateway starts wait behind this


class Caretaker:
    """A background task. An error is logged and the next round tries again."""

    def __init__(self, journal: Journal, live: Live, overlooked: Overlooked, every_s: float = EVERY_S):
        self.journal, self.live, self.overlooked, self.every_s = journal, live, overlooked, every_s

    async def begin(self) -> None:
        """What comes before the first patient. Patients can be answered without it; the rounds go on trying.

        The port is open already, so a database that is locked or hangs must not hold up those who come.
        """
        try:
            async with asyncio.timeout(BEGIN_S):
                await self._begin()
        except TimeoutError as error:
            logs.failure("begun_without_the_journal", error)

    async def _begin(self) -> None:
        """A SQLite file belongs to one gateway: a message that is under way in it was left behind by an earlier run."""
        await self._try("journal_failed", self.journal.mend)
        under_way_s = UNDER_WAY_S if self.journal.shared else 0.0
        await self._try("flagged_later", lambda: self.overlooked.record_flagged(under_way_s=under_way_s))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.every_s)
            await self.round()

    async def round(self) -> None:
        """Each piece of work by itself: what fails does not hold up the others."""
        await self._try("journal_failed", self.journal.mend)
        await self._try("flagged_later", self.overlooked.record_flagged)
        await self._try("read_later", self.overlooked.read_late)
        await self._try("forget_later", self._forget)
        await self._try("journal_failed", self.journal.cut_log)

    async def _forget(self) -> None:
        for conversation_id in await self.journal.to_forget():
            await self.live.forget(conversation_id, FORGET_WAIT_S)
            await self.journal.forgotten_by_rasa(conversation_id)

    async def _try(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except DialogueError as error:  # Rasa is away: the others would wait in vain, too
            logs.failure(name, error, reason=error.reason)
        except JournalError as error:
            logs.failure("journal_failed", error)
        except Exception as error:  # the task must live: nobody restarts it
            logs.failure("internal_error", error)
