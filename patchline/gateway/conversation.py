"""Conversations: begin one, say something in it, read it again, delete it."""

from __future__ import annotations

from patchline.database.schema import now
from patchline.escalation.patient_news import catch_up
from patchline.gateway import feedback, logs, tokens
from patchline.gateway.answering import GONE, Answering, Reply
from patchline.gateway.dialogue import DialogueError
from patchline.gateway.escalations import pending
from patchline.gateway.incoming import Said
from patchline.gateway.journal import JournalError
from patchline.gateway.messages import Message
from patchline.gateway.overlooked import Overlooked
from patchline.gateway.problems import Problem
from patchline.gateway.records import Forgotten
from patchline.gateway.transcripts import Chat
from patchline.gateway.turns import Busy

FORGET_WAIT_S = 2.0
NO_ANSWER = "This conversation has no answer to a message of that id."
NO_RECORD = "The conversation cannot be reached right now. Please try again, or call the clinic line: {line}."


class Conversations:
    """All conversations of one gateway."""

    def __init__(self, answering: Answering, overlooked: Overlooked):
        self.answering, self.overlooked = answering, overlooked
        self.journal, self.live, self.turns = answering.journal, answering.live, answering.turns
        self.escalations = answering.escalations

    async def open(self) -> tuple[str, list[Message]]:
        """Begin a conversation: its id and greeting. The journal takes it up later if it is away now."""
        conversation_id, greeting = tokens.new_id(), [self.live.now.messages.wording("greeting", topic=None)]
        try:
            await self.journal.open(conversation_id, greeting)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id)
        return conversation_id, greeting

    async def say(self, conversation_id: str, said: Said) -> Reply:
        """Answer one message; the same message again gets the same reply. Raises `Problem` 404 or 409."""
        return await self.answering.say(conversation_id, said)

    async def chat(self, conversation_id: str) -> Chat:
        """The conversation so far, with what the clinic did.

        Raises `Problem`: 404 when it was deleted, 503 when the journal is away.
        """
        try:
            found = await self.journal.transcript(conversation_id)
            states = await self.escalations.of_conversation(conversation_id)
            clinic = await self.journal.run(catch_up, self.journal.engine, conversation_id, now())
        except Forgotten:
            raise Problem(404, GONE) from None
        except JournalError as error:
            raise _no_record(error, conversation_id) from None
        if found is None:
            raise Problem(404, GONE)
        flagged = {entry.message_id: pending(entry.tier) for entry in found.entries if entry.tier and entry.outcome}
        return Chat(found, flagged | states, clinic, await self._helpful(conversation_id))

    async def rate(self, conversation_id: str, message_id: str, helpful: bool) -> None:
        """Keep whether the reply to a message helped. Raises `Problem`: 404 without such a reply, 503."""
        try:
            found = await self.journal.run(feedback.keep, self.journal.engine, conversation_id, message_id, helpful)
        except JournalError as error:
            raise _no_record(error, conversation_id) from None
        if not found:
            raise Problem(404, NO_ANSWER, field="message_id")

    async def forget(self, conversation_id: str) -> None:
        """Delete the conversation here now, and at Rasa now or later. Its tickets stay. Raises like `chat`."""
        try:
            async with self.turns.take(conversation_id, self.answering.wait_s):
                await self.overlooked.record_flagged(conversation_id, under_way_s=0.0)
                await self.journal.forget(conversation_id)
                self.turns.drop(conversation_id)
            await self.live.forget(conversation_id, FORGET_WAIT_S)
            await self.journal.forgotten_by_rasa(conversation_id)
        except Forgotten:
            raise Problem(404, GONE) from None
        except Busy:
            raise Problem(503, NO_RECORD, headers={"Retry-After": "5"}) from None
        except DialogueError as error:
            logs.failure("forget_later", error, conversation=conversation_id, reason=error.reason)
        except JournalError as error:
            raise _no_record(error, conversation_id) from None

    async def _helpful(self, conversation_id: str) -> dict[str, bool]:
        """What the patient says of the replies, by message id. It is no reason to withhold the rest: {} while away."""
        try:
            return await self.journal.run(feedback.of_conversation, self.journal.engine, conversation_id)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id)
            return {}


def _no_record(error: JournalError, conversation_id: str) -> Problem:
    logs.failure("journal_failed", error, conversation=conversation_id)
    return Problem(503, NO_RECORD, headers={"Retry-After": "5"})
