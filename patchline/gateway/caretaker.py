"""What the gateway does beside answering: mend the journal, and have Rasa forget what it could not forget at once."""

from __future__ import annotations

import asyncio

from patchline.gateway import logs
from patchline.gateway.dialogue import Dialogue, DialogueError
from patchline.gateway.journal import Journal, JournalError

EVERY_S = 15.0
FORGET_WAIT_S = 5.0


class Caretaker:
    """A background task. An error is logged and the next round tries again."""

    def __init__(self, journal: Journal, dialogue: Dialogue, every_s: float = EVERY_S):
        self.journal, self.dialogue, self.every_s = journal, dialogue, every_s

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.every_s)
            await self.round()

    async def round(self) -> None:
        try:
            await self.journal.mend()
            for conversation_id in await self.journal.to_forget():
                await self.dialogue.forget(conversation_id, FORGET_WAIT_S)
                await self.journal.forgotten_by_rasa(conversation_id)
        except DialogueError as error:  # Rasa is away: the others would wait in vain, too
            logs.failure("forget_later", error, reason=error.reason)
        except JournalError as error:
            logs.failure("journal_failed", error)
        except Exception as error:  # the task must live: nobody restarts it
            logs.failure("internal_error", error)
