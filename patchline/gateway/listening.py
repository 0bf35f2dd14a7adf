"""While a person of the clinic writes with a patient, the bot listens: quiet, but for warning signs."""

from __future__ import annotations

from dataclasses import dataclass

from patchline.database.schema import now
from patchline.escalation import presence
from patchline.gateway import logs
from patchline.gateway.dialogue import Dialogue, DialogueError
from patchline.gateway.hearing import Heard
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.reading import Reading, read
from patchline.gateway.replying import read_tier

# What a person cannot answer, because it did not arrive (in full).
NOT_ARRIVED = ("empty", "too_long")


@dataclass(frozen=True)
class Listened:
    """`quiet`: the message is the person's to answer, and is on record for the desk."""

    with_person: bool = False
    quiet: bool = False
    reading: Reading | None = None


class Listening:
    """Finds out whether a message is the bot's to answer."""

    def __init__(self, journal: Journal):
        self.journal = journal

    async def listen(self, conversation_id: str, heard: Heard, dialogue: Dialogue, wait_s: float) -> Listened:
        """Both nets read a message that is written to a person. `wait_s` is left for this and for an answer.

        A button that is pressed is answered, because its words are the bot's own and so is what comes after; above all
        the "yes" to "is this happening now?". Where the database is away nobody at the desk can read along, and the bot
        answers.
        """
        ids = {"conversation": conversation_id, "message": heard.entry.message_id}
        try:
            if not await self.journal.run(presence.tend, self.journal.engine, conversation_id, now()):
                return Listened()
            if heard.entry.choice is not None or heard.wording == "empty":
                return Listened(with_person=True)
            reading = await self._read(heard, dialogue, wait_s / 2, ids)
            known = await self.journal.run(
                presence.wrote, self.journal.engine, conversation_id, heard.entry.message_id, now()
            )
        except JournalError as error:
            logs.failure("journal_failed", error, **ids)
            return Listened()
        flagged = read_tier(heard, reading) is not None
        return Listened(known, known and not flagged and heard.wording not in NOT_ARRIVED, reading)

    async def _read(self, heard: Heard, dialogue: Dialogue, timeout_s: float, ids: dict[str, str]) -> Reading | None:
        """What the model makes of it. None where it is away: it reads the message later, as all that it missed."""
        try:
            return await read(dialogue, (heard.asked or {}).get("text", ""), timeout_s)
        except DialogueError as error:
            logs.failure("rasa_failed", error, reason=error.reason, **ids)
            return None
