"""A message's walk: journal, turn, Rasa, journal, reply. Whatever fails, the patient gets an answer or the number."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from patchline.gateway import journal as journals
from patchline.gateway import logs, tokens
from patchline.gateway import words as typed
from patchline.gateway.dialogue import Answer, Dialogue, DialogueError
from patchline.gateway.incoming import MAX_CHOICE, Said
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.messages import FALLBACK, Message, Messages, buttons_of
from patchline.gateway.problems import Problem
from patchline.gateway.records import Entry, Forgotten, Transcript, now
from patchline.gateway.turns import Busy, Turn, Turns
from patchline.safety.text import clean
from patchline.settings import Settings

ANSWER_WITHIN_S = 8.0
ORPHANED_AFTER_S = 8.0  # a message still without a reply then: the gateway that had it has died
FORGET_WAIT_S = 2.0

GONE = "This conversation does not exist or was deleted. Please start a new one, or call the clinic line: {line}."
REUSED = "This message_id was used for another message. Please send the message again with a new one."
NO_RECORD = "The conversation cannot be reached right now. Please try again, or call the clinic line: {line}."


@dataclass(frozen=True)
class Reply:
    """What a client gets for one message, and what the log and the counters say of it."""

    body: dict[str, Any]  # {messages, escalation}
    topic: str | None
    reason: str | None = None  # why Rasa gave no answer
    rasa_ms: float | None = None
    repeated: bool = False  # the client asked with this message_id before


class Conversations:
    """All conversations of one gateway."""

    def __init__(self, settings: Settings, journal: Journal, dialogue: Dialogue, messages: Messages):
        self.journal, self.dialogue, self.messages, self.turns = journal, dialogue, messages, Turns()
        self.max_characters = settings.max_characters
        self.wait_s = min(settings.rasa_timeout_s, ANSWER_WITHIN_S - journals.WAIT_S)

    async def open(self) -> tuple[str, list[Message]]:
        """Begin a conversation: its id and greeting. The journal takes it up later if it is away now."""
        conversation_id, greeting = tokens.new_id(), [self.messages.wording("greeting", topic=None)]
        try:
            await self.journal.open(conversation_id, greeting)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id)
        return conversation_id, greeting

    async def say(self, conversation_id: str, said: Said) -> Reply:
        """Answer one message; the same message again gets the same reply. Raises `Problem` 404 or 409."""
        deadline = time.monotonic() + self.wait_s
        words, entry = self._entry(said)
        earlier = await self._keep(conversation_id, entry)
        if earlier and not _same(earlier, entry):
            raise Problem(409, REUSED, field="message_id")
        if earlier and earlier.reply:
            return Reply(earlier.reply, earlier.topic, repeated=True)
        try:
            async with self.turns.take(conversation_id, deadline - time.monotonic()) as turn:
                reply = await self._given_before(turn, conversation_id, entry, earlier, deadline)
                return reply or await self._answer(turn, conversation_id, words, entry, deadline)
        except Busy:
            settled, reply = self._fallback(entry, "timeout")
            if not earlier:  # a repeat leaves the outcome to the request that has the turn
                await self._settle(conversation_id, settled)
            return reply

    async def transcript(self, conversation_id: str) -> Transcript:
        """The conversation so far. Raises `Problem`: 404 when it was deleted, 503 when the journal is away."""
        try:
            found = await self.journal.transcript(conversation_id)
        except Forgotten:
            raise Problem(404, GONE) from None
        except JournalError as error:
            raise _no_record(error, conversation_id) from None
        if found is None:
            raise Problem(404, GONE)
        return found

    async def forget(self, conversation_id: str) -> None:
        """Delete the conversation here now, and at Rasa now or later. Raises the same as `transcript`."""
        try:
            async with self.turns.take(conversation_id, self.wait_s):
                await self.journal.forget(conversation_id)
                self.turns.drop(conversation_id)
            await self.dialogue.forget(conversation_id, FORGET_WAIT_S)
            await self.journal.forgotten_by_rasa(conversation_id)
        except Forgotten:
            raise Problem(404, GONE) from None
        except Busy:
            raise Problem(503, NO_RECORD, headers={"Retry-After": "5"}) from None
        except DialogueError as error:
            logs.failure("forget_later", error, conversation=conversation_id, reason=error.reason)
        except JournalError as error:
            raise _no_record(error, conversation_id) from None

    def _entry(self, said: Said) -> tuple[typed.Words | None, Entry]:
        """The journal's row for a message; words only when it was typed."""
        if said.choice is not None:
            return None, Entry(said.message_id, "", clean(said.choice)[:MAX_CHOICE], now())
        words = typed.read(said.text or "", self.max_characters)
        return words, Entry(said.message_id, words.kept, None, now())

    async def _keep(self, conversation_id: str, entry: Entry) -> Entry | None:
        """Write the message down before anything else. A journal that is away does not stop the conversation."""
        try:
            return await self.journal.receive(conversation_id, entry)
        except Forgotten:
            raise Problem(404, GONE) from None
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=entry.message_id)
            return None

    async def _given_before(
        self, turn: Turn, conversation_id: str, entry: Entry, earlier: Entry | None, deadline: float
    ) -> Reply | None:
        """The reply that this message got while it waited for its turn. Raises `Busy` while another gateway has it."""
        if entry.message_id in turn.replies:
            return Reply(turn.replies[entry.message_id], None, repeated=True)
        while earlier:
            try:
                earlier = await self.journal.find(conversation_id, entry.message_id)
            except JournalError as error:
                logs.failure("journal_failed", error, conversation=conversation_id, message=entry.message_id)
                return None
            if earlier is None:
                raise Problem(404, GONE)
            if earlier.reply:
                return Reply(earlier.reply, earlier.topic, repeated=True)
            if not self.journal.shared or (now() - earlier.at).total_seconds() > ORPHANED_AFTER_S:
                return None  # a gateway died over it: ask
            if time.monotonic() > deadline:
                raise Busy
            await asyncio.sleep(0.2)
        return None

    async def _answer(
        self, turn: Turn, conversation_id: str, words: typed.Words | None, entry: Entry, deadline: float
    ) -> Reply:
        """Answer here or ask Rasa, write the outcome down, and remember which buttons are open."""
        if words is None:
            title = turn.offered.get(entry.choice) or await self._offered(conversation_id, entry.choice)
            entry = replace(entry, text=title or entry.choice)
            wording, asked = (None, {"choice": entry.choice}) if title else ("choice_expired", {})
        else:
            wording, asked = words.wording, {"text": words.asked}
        if wording:
            settled, reply = self._local(entry, wording)
        else:
            settled, reply = await self._ask(conversation_id, entry, asked, deadline)
        if not await self._settle(conversation_id, settled):
            turn.remember_reply(entry.message_id, reply.body)
        turn.remember_offered(buttons_of(reply.body["messages"]))
        return reply

    async def _offered(self, conversation_id: str, choice: str) -> str | None:
        try:
            return await self.journal.offered(conversation_id, choice)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id)
            return None

    async def _ask(
        self, conversation_id: str, entry: Entry, asked: dict[str, str], deadline: float
    ) -> tuple[Entry, Reply]:
        started = time.monotonic()
        try:
            answer = await self.dialogue.ask(conversation_id, entry.message_id, asked, max(0.05, deadline - started))
            settled, reply = self._answered(entry, answer)
        except DialogueError as error:
            logs.failure(
                "rasa_failed", error, conversation=conversation_id, message=entry.message_id, reason=error.reason
            )
            settled, reply = self._fallback(entry, error.reason)
        return settled, replace(reply, rasa_ms=round((time.monotonic() - started) * 1000, 2))

    def _answered(self, entry: Entry, answer: Answer) -> tuple[Entry, Reply]:
        messages = [self.messages.answer(message) for message in answer.messages]
        topic = next((message["topic"] for message in messages if message["topic"]), None)
        settled, reply = _settled(entry, "answered", topic, messages)
        return replace(settled, nlu=answer.nlu, model=answer.model), reply

    def _fallback(self, entry: Entry, reason: str) -> tuple[Entry, Reply]:
        settled, reply = _settled(entry, reason, FALLBACK, [self.messages.wording("unavailable")])
        return settled, replace(reply, reason=reason)

    def _local(self, entry: Entry, wording: str) -> tuple[Entry, Reply]:
        return _settled(entry, "local", FALLBACK, [self.messages.wording(wording)])

    async def _settle(self, conversation_id: str, settled: Entry) -> bool:
        """Write the outcome down. False when the journal is away; the patient gets the reply all the same."""
        try:
            await self.journal.settle(conversation_id, settled)
            return True
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=settled.message_id)
            return False


def _settled(entry: Entry, outcome: str, topic: str | None, messages: list[Message]) -> tuple[Entry, Reply]:
    body = {"messages": messages, "escalation": None}
    return replace(entry, outcome=outcome, topic=topic, reply=body, answered_at=now()), Reply(body, topic)


def _same(earlier: Entry, entry: Entry) -> bool:
    if entry.choice is not None:
        return earlier.choice == entry.choice
    return earlier.choice is None and earlier.text == entry.text


def _no_record(error: JournalError, conversation_id: str) -> Problem:
    logs.failure("journal_failed", error, conversation=conversation_id)
    return Problem(503, NO_RECORD, headers={"Retry-After": "5"})
