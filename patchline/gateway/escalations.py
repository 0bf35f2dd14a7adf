"""Escalations of this gateway's patients: on record at once, or kept until the database can take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from patchline.chain import Chain
from patchline.escalation.escalation import Escalation, Source, merged, read_sign
from patchline.escalation.parsed import net_of
from patchline.escalation.spool import Spool
from patchline.escalation.take_back import taken_back
from patchline.escalation.tickets import SignTicket, open_ticket, tickets_of
from patchline.gateway import logs
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.metrics import Metrics
from patchline.gateway.records import Entry
from patchline.gateway.waiting import EVERY_S, Key, Waiting
from patchline.safety.model import Tier

State = dict[str, Any]  # {reference, tier, status}: as the contract has it


class Escalations:
    """Records escalations; `chain` says whom to call as of now.

    What the database cannot take waits in the spool, and in memory when the disk is full.
    """

    def __init__(
        self,
        journal: Journal,
        spool: Spool[Escalation],
        metrics: Metrics,
        chain: Callable[[], Chain],
        every_s: float = EVERY_S,
    ):
        self.journal, self.metrics, self.chain = journal, metrics, chain
        self._line = Waiting(spool, self._record_later, every_s)
        metrics.watch_waiting(lambda: self.health()["spooled"], lambda: self.health()["unsaved"])

    @property
    def waiting(self) -> Mapping[Key, Escalation]:
        """Everything that is not on record yet."""
        return self._line.items

    async def record(self, escalation: Escalation) -> State:
        """Put one on record, now or as soon as that can be. Returns its state; never raises."""
        self.metrics.escalation(escalation.tier, escalation.source, escalation.late)
        known = self.waiting.get(escalation.key)
        escalation = merged(known, escalation) if known else escalation
        try:
            ticket = await self._open(escalation)
        except JournalError as error:
            logs.failure("ticket_failed", error, **_ids(escalation))
            self.metrics.spooled()
            await self._line.keep(escalation)
            return pending(escalation.tier)
        await self._line.settled(escalation.key)
        logs.event("escalation", reference=ticket.reference, late=escalation.late or None, **_ids(escalation))
        return recorded(ticket)

    async def of_conversation(self, conversation_id: str) -> dict[str, State]:
        """The states of a conversation's escalations by message id. Raises `JournalError`."""
        tickets = await self.journal.run(tickets_of, self.journal.engine, conversation_id)
        return self.waiting_of(conversation_id) | {message: recorded(ticket) for message, ticket in tickets.items()}

    async def standing(self, conversation_id: str) -> dict[str, State]:
        """As `of_conversation`, without those that the patient has taken back. Raises `JournalError`."""
        back = await self.journal.run(taken_back, self.journal.engine, conversation_id)
        states = await self.of_conversation(conversation_id)
        return {message: state for message, state in states.items() if message not in back}

    def waiting_of(self, conversation_id: str) -> dict[str, State]:
        """Those that are not on record yet, which needs no database."""
        return {key[1]: pending(item.tier) for key, item in self.waiting.items() if key[0] == conversation_id}

    async def run(self) -> None:
        """A background task: takes what waits into the database, for as long as the gateway lives."""
        await self._line.run()

    def health(self) -> dict[str, int]:
        """How many are not on record yet: `spooled` on the disk, `unsaved` in memory alone."""
        unsaved = len(self._line.unsaved)
        return {"spooled": len(self.waiting) - unsaved, "unsaved": unsaved}

    async def _open(self, escalation: Escalation) -> SignTicket:
        return await self.journal.run(open_ticket, self.journal.engine, escalation, self.chain())

    async def _record_later(self, escalation: Escalation) -> None:
        ticket = await self._open(escalation)
        logs.event("escalation_recorded_later", reference=ticket.reference, **_ids(escalation))


def escalation_of(conversation_id: str, entry: Entry, late: bool = False, network: str | None = None) -> Escalation:
    """The escalation of a message whose row has a tier."""
    signs, sign = entry.flags or {}, read_sign(entry.choice)
    present = [flag for flag in signs.get("flags", []) if flag["status"] == "present"]
    return Escalation(
        conversation_id=conversation_id,
        message_id=entry.message_id,
        tier=cast(Tier, entry.tier),  # the caller's promise
        source=source_of(entry),
        said_at=entry.at,
        categories=tuple(dict.fromkeys(flag["category"] for flag in present)),
        triggers=tuple(signs.get("triggers", [])),
        language=sign.language if sign else signs.get("language", "en"),
        relative=sign.relative if sign else signs.get("relative", False),
        late=late,
        network=network,
    )


def source_of(entry: Entry) -> Source:
    """Which net saw the sign of a message, by what its row says."""
    nlu = entry.nlu or {}
    if entry.choice is not None:
        return "choice"
    if (entry.flags or {}).get("tier"):
        return "both" if net_of(nlu) in ("model", "both") else "rules"
    if nlu and not read_sign(nlu.get("intent")):
        return "choice"  # a typed "yes" to "is this happening to you now?"
    return "model"


def pending(tier: str) -> State:
    return {"reference": None, "tier": tier, "status": "pending"}


def recorded(ticket: SignTicket) -> State:
    return {"reference": ticket.reference, "tier": ticket.escalation.tier, "status": "recorded"}


def _ids(escalation: Escalation) -> dict[str, Any]:
    return {"conversation": escalation.conversation_id, "message": escalation.message_id, "tier": escalation.tier}
