"""A message's walk: journal, turn, Rasa, journal and ticket, reply. Whatever fails, the patient gets an answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from patchline.database.schema import now
from patchline.gateway import journal as journals
from patchline.gateway import logs
from patchline.gateway.backlog import Backlog
from patchline.gateway.dialogue import Dialogue, DialogueError
from patchline.gateway.edition import Edition, Live
from patchline.gateway.escalations import Escalations, escalation_of, pending
from patchline.gateway.hearing import Heard
from patchline.gateway.incoming import Said
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.listening import Listened, Listening
from patchline.gateway.messages import buttons_of
from patchline.gateway.problems import Problem
from patchline.gateway.reading import Reading
from patchline.gateway.records import Entry, Forgotten
from patchline.gateway.replying import LOCAL, WITH_PERSON, Draft, Outcome, draft
from patchline.gateway.turns import Busy, Turn, Turns
from patchline.safety.model import Tier

ANSWER_WITHIN_S = 8.0
KEEPING_S = journals.WAIT_S + 0.25  # after Rasa's answer: journal and ticket at once, and the spool when they fail
ORPHANED_AFTER_S = 8.0  # a message still without a reply then: the gateway that had it has died

TAKEN_BACK = "take_back"  # the topic of the answer to "you misunderstood me"
GONE = "This conversation does not exist or was deleted. Please start a new one, or call the clinic line: {line}."
REUSED = "This message_id was used for another message. Please send the message again with a new one."


@dataclass(frozen=True)
class Reply:
    """What a client gets for one message, and what the log and the counters say of it."""

    body: dict[str, Any]  # {messages, escalation}, and with_person while a person of the clinic is in the chat
    topic: str | None
    reason: str | None = None  # why Rasa gave no answer
    rasa_ms: float | None = None
    repeated: bool = False  # the client asked with this message_id before


class Answering:
    """Answers messages, one of a conversation at a time. `rasa_timeout_s`: how long Rasa may take at most."""

    def __init__(
        self,
        journal: Journal,
        live: Live,
        escalations: Escalations,
        backlog: Backlog,
        rasa_timeout_s: float,
    ):
        self.journal, self.live, self.backlog = journal, live, backlog
        self.escalations, self.turns, self.listening = escalations, Turns(), Listening(journal)
        self.wait_s = min(rasa_timeout_s, ANSWER_WITHIN_S - KEEPING_S)

    async def say(self, conversation_id: str, said: Said) -> Reply:
        """Answer one message; the same message again gets the same reply. Raises `Problem` 404 or 409."""
        deadline = time.monotonic() + self.wait_s
        edition = self.live.now  # also for a message that waits for its turn while a release is switched
        heard = await edition.hearing.hear(said)
        earlier = await self._keep(conversation_id, heard.entry)
        if earlier and not _same(earlier, heard.entry):
            raise Problem(409, REUSED, field="message_id")
        if earlier and earlier.reply:
            return await self._again(conversation_id, earlier.message_id, earlier.reply, earlier.topic)
        try:
            async with self.turns.take(conversation_id, deadline - time.monotonic()) as turn:
                reply = await self._given_before(turn, conversation_id, heard.entry, earlier, deadline)
                return reply or await self._answer(turn, conversation_id, heard, edition, deadline)
        except Busy:
            before = self.turns.tiers(conversation_id)
            given = draft(heard, Outcome("timeout"), before, edition.messages, datetime.now(UTC))
            # A repeat leaves the outcome to the request that has the turn.
            outcome = Outcome("timeout")
            reply, _ = await self._finish(conversation_id, heard, outcome, given, Listened(), settle=not earlier)
            return reply

    async def _keep(self, conversation_id: str, entry: Entry) -> Entry | None:
        """Write the message down before anything else. A journal that is away does not stop the conversation."""
        try:
            return await self.journal.receive(conversation_id, entry)
        except Forgotten:
            raise Problem(404, GONE) from None
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=entry.message_id)
            await self.backlog.keep(conversation_id, entry)
            return None

    async def _given_before(
        self, turn: Turn, conversation_id: str, entry: Entry, earlier: Entry | None, deadline: float
    ) -> Reply | None:
        """The reply that this message got while it waited for its turn. Raises `Busy` while another gateway has it."""
        if entry.message_id in turn.replies:
            return await self._again(conversation_id, entry.message_id, turn.replies[entry.message_id], None)
        while earlier:
            try:
                earlier = await self.journal.find(conversation_id, entry.message_id)
            except JournalError as error:
                logs.failure("journal_failed", error, conversation=conversation_id, message=entry.message_id)
                return None
            if earlier is None:
                raise Problem(404, GONE)
            if earlier.reply:
                return await self._again(conversation_id, entry.message_id, earlier.reply, earlier.topic)
            if not self.journal.shared or (now() - earlier.at).total_seconds() > ORPHANED_AFTER_S:
                return None  # a gateway died over it: ask
            if time.monotonic() > deadline:
                raise Busy
            await asyncio.sleep(0.2)
        return None

    async def _again(self, conversation_id: str, message_id: str, body: dict[str, Any], topic: str | None) -> Reply:
        """A reply that was given before, with its escalation as it stands now."""
        try:
            states = await self.escalations.of_conversation(conversation_id)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=message_id)
            states = self.escalations.waiting_of(conversation_id)
        return Reply(body | {"escalation": states.get(message_id, body["escalation"])}, topic, repeated=True)

    async def _answer(self, turn: Turn, conversation_id: str, heard: Heard, edition: Edition, deadline: float) -> Reply:
        """Answer here or ask Rasa, write the outcome down, and remember what the conversation goes on from."""
        if (choice := heard.entry.choice) is not None:
            heard = await self._with_title(turn, conversation_id, heard, choice)
        listened = await self.listening.listen(conversation_id, heard, edition.dialogue, deadline - time.monotonic())
        if listened.quiet:
            outcome, given = Outcome(WITH_PERSON), Draft([], None)
        else:
            outcome, before = await asyncio.gather(
                self._ask(conversation_id, heard, edition.dialogue, deadline),
                self._tiers(turn, conversation_id, heard.entry.message_id),
            )
            given = draft(heard, outcome, before, edition.messages, datetime.now(UTC), listened.reading)
        reply, kept = await self._finish(conversation_id, heard, outcome, given, listened)
        if given.tier:
            turn.tiers.add(given.tier)
        elif given.topic == TAKEN_BACK:
            turn.tiers.clear()
        if not kept or turn.users > 1:  # who waits may be the same message, which was kept first and came second
            turn.remember_reply(heard.entry.message_id, reply.body)
        turn.remember_offered(buttons_of(given.messages))
        return reply

    async def _with_title(self, turn: Turn, conversation_id: str, heard: Heard, choice: str) -> Heard:
        """A choice by the title of its button; one that was never offered is not asked."""
        title = turn.offered.get(choice) or await self._offered(conversation_id, choice)
        entry = replace(heard.entry, text=title or choice)
        return (
            replace(heard, entry=entry) if title else replace(heard, entry=entry, asked=None, wording="choice_expired")
        )

    async def _offered(self, conversation_id: str, choice: str) -> str | None:
        try:
            return await self.journal.offered(conversation_id, choice)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id)
            return None

    async def _tiers(self, turn: Turn, conversation_id: str, message_id: str) -> set[Tier]:
        """The tiers of the conversation's earlier escalations; while the journal is away, those that are remembered."""
        states = self.escalations.waiting_of(conversation_id)
        try:
            states = await self.escalations.standing(conversation_id)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=message_id)
        turn.tiers |= {state["tier"] for message, state in states.items() if message != message_id}
        return turn.tiers

    async def _ask(self, conversation_id: str, heard: Heard, dialogue: Dialogue, deadline: float) -> Outcome:
        if heard.wording:
            return Outcome(LOCAL)
        started = time.monotonic()
        ids = {"conversation": conversation_id, "message": heard.entry.message_id}
        try:
            timeout_s = max(0.05, deadline - started)
            answer = await dialogue.ask(conversation_id, heard.entry.message_id, heard.asked or {}, timeout_s)
            outcome = Outcome("answered", answer)
        except DialogueError as error:
            logs.failure("rasa_failed", error, reason=error.reason, **ids)
            outcome = Outcome(error.reason)
        return replace(outcome, rasa_ms=round((time.monotonic() - started) * 1000, 2))

    async def _finish(
        self,
        conversation_id: str,
        heard: Heard,
        outcome: Outcome,
        given: Draft,
        listened: Listened,
        settle: bool = True,
    ) -> tuple[Reply, bool]:
        """Write the outcome down and put the escalation on record, both at once; then the reply goes out.

        The second value is False when the journal is away; the patient gets the reply all the same.
        """
        body: dict[str, Any] = {"messages": given.messages, "escalation": pending(given.tier) if given.tier else None}
        if listened.with_person:
            body["with_person"] = True
        settled = _settled(heard.entry, outcome, given, body, listened.reading)
        escalation = escalation_of(conversation_id, settled, network=heard.network) if given.tier else None
        kept, state = await asyncio.gather(
            self._settle(conversation_id, settled) if settle else _nothing(),
            self.escalations.record(escalation) if escalation else _nothing(),
        )
        reply = Reply(body | {"escalation": state}, given.topic, outcome.reason, outcome.rasa_ms)
        return reply, bool(kept)

    async def _settle(self, conversation_id: str, settled: Entry) -> bool:
        try:
            await self.journal.settle(conversation_id, settled)
        except JournalError as error:
            logs.failure("journal_failed", error, conversation=conversation_id, message=settled.message_id)
            await self.backlog.keep(conversation_id, settled)
            return False
        await self.backlog.taken(conversation_id, settled.message_id)
        return True


async def _nothing() -> None:
    return None


def _settled(
    entry: Entry, outcome: Outcome, given: Draft, body: dict[str, Any], reading: Reading | None = None
) -> Entry:
    """The journal's row once there is a reply."""
    answer = outcome.answer
    read = dict(reading.nlu) if reading else None
    return replace(
        entry,
        outcome=outcome.name,
        answered_at=now(),
        topic=given.topic,
        reply=body,
        nlu=answer.nlu if answer else read,
        model=answer.model if answer else None,
        tier=given.tier,
    )


def _same(earlier: Entry, entry: Entry) -> bool:
    if entry.choice is not None:
        return earlier.choice == entry.choice
    return earlier.choice is None and earlier.text == entry.text
