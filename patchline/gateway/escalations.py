"""Escalations of this gateway's patients: on record at once, or kept until the database can take them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

import anyio.to_thread

from patchline.chain import Chain
from patchline.escalation.escalation import Escalation, Source, merged, read_sign
from patchline.escalation.parsed import net_of
from patchline.escalation.spool import Spool
from patchline.escalation.tickets import Ticket, open_ticket, tickets_of
from patchline.gateway import logs
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.metrics import Metrics
from patchline.gateway.records import Entry

EVERY_S = 1.0
FAILURES = 3  # in a row, after which a round is over: the database is away
DISK_WAIT_S = 1.0

State = dict[str, Any]  # {reference, tier, status}: as the contract has it
Key = tuple[str, str]


class Escalations:
    """Records escalations. What the database cannot take waits in the spool, and in memory when the disk is full."""

    def __init__(self, journal: Journal, spool: Spool, metrics: Metrics, chain: Chain, every_s: float = EVERY_S):
        self.journal, self.spool, self.metrics, self.chain, self.every_s = journal, spool, metrics, chain, every_s
        self.waiting: OrderedDict[Key, Escalation] = OrderedDict()  # everything that is not on record yet
        self.unsaved: set[Key] = set()  # of these, what is in memory alone
        self._woken = asyncio.Event()
        metrics.watch_waiting(lambda: len(self.waiting) - len(self.unsaved), lambda: len(self.unsaved))

    async def record(self, escalation: Escalation) -> State:
        """Put one on record, now or as soon as that can be. Returns its state; never raises."""
        self.metrics.escalation(escalation.tier, escalation.source, escalation.late)
        known = self.waiting.get(escalation.key)
        escalation = merged(known, escalation) if known else escalation
        try:
            ticket = await self.journal.run(open_ticket, self.journal.engine, escalation, self.chain)
        except JournalError as error:
            logs.failure("ticket_failed", error, **_ids(escalation))
            await self._keep(escalation)
            return pending(escalation.tier)
        await self._settled(escalation)
        logs.event("escalation", reference=ticket.reference, late=escalation.late or None, **_ids(escalation))
        return recorded(ticket)

    async def of_conversation(self, conversation_id: str) -> dict[str, State]:
        """The states of a conversation's escalations by message id. Raises `JournalError`."""
        tickets = await self.journal.run(tickets_of, self.journal.engine, conversation_id)
        return self.waiting_of(conversation_id) | {message: recorded(ticket) for message, ticket in tickets.items()}

    def waiting_of(self, conversation_id: str) -> dict[str, State]:
        """Those that are not on record yet, which needs no database."""
        return {key[1]: pending(item.tier) for key, item in self.waiting.items() if key[0] == conversation_id}

    async def load(self) -> None:
        """Take up what an earlier run of this gateway left in the spool."""
        try:
            for escalation in await _on_disk(self.spool.waiting):
                self.waiting.setdefault(escalation.key, escalation)
            unreadable = await _on_disk(self.spool.unreadable)
        except (OSError, TimeoutError) as error:
            return logs.failure("spool_failed", error)
        if unreadable:
            logs.event("spool_unreadable", level=logs.ERROR, files=unreadable)
        self._woken.set()

    async def run(self) -> None:
        """A background task: takes what waits into the database, for as long as the gateway lives."""
        await self.load()
        while True:
            await self._woken.wait()
            try:
                await self.drain()
            except Exception as error:  # the task must live: nobody restarts it
                logs.failure("internal_error", error)
            if self.waiting:
                await asyncio.sleep(self.every_s)
            else:
                self._woken.clear()

    async def drain(self) -> None:
        """Try once to record everything that waits."""
        failures = 0
        for key, escalation in list(self.waiting.items()):
            try:
                ticket = await self.journal.run(open_ticket, self.journal.engine, escalation, self.chain)
            except JournalError:
                self.waiting.move_to_end(key)  # one that the database refuses must not hold up the others
                await self._save_again(escalation)
                failures += 1
                if failures == FAILURES:
                    return
                continue
            if self.waiting.get(key) is escalation:  # no higher tier came meanwhile
                await self._settled(escalation)
            logs.event("escalation_recorded_later", reference=ticket.reference, **_ids(escalation))

    def health(self) -> dict[str, int]:
        """How many are not on record yet: `spooled` on the disk, `unsaved` in memory alone."""
        return {"spooled": len(self.waiting) - len(self.unsaved), "unsaved": len(self.unsaved)}

    async def _keep(self, escalation: Escalation) -> None:
        self.waiting[escalation.key] = escalation
        self.unsaved.add(escalation.key)
        self.metrics.spooled()
        await self._save_again(escalation)
        self._woken.set()

    async def _save_again(self, escalation: Escalation) -> None:
        """To the disk, if it is not there."""
        if escalation.key not in self.unsaved:
            return
        try:
            await _on_disk(self.spool.keep, escalation)
        except (OSError, TimeoutError) as error:
            logs.failure("spool_failed", error, **_ids(escalation))
        else:
            self.unsaved.discard(escalation.key)

    async def _settled(self, escalation: Escalation) -> None:
        """On record: nothing of it has to wait any longer."""
        if self.waiting.pop(escalation.key, None) is None:
            return
        self.unsaved.discard(escalation.key)
        try:
            await _on_disk(self.spool.drop, escalation)
        except (OSError, TimeoutError) as error:  # the next start finds it once more, which changes nothing
            logs.failure("spool_failed", error, **_ids(escalation))


def escalation_of(conversation_id: str, entry: Entry, late: bool = False) -> Escalation:
    """The escalation of a message whose row has a tier."""
    signs, sign = entry.flags or {}, read_sign(entry.choice)
    present = [flag for flag in signs.get("flags", []) if flag["status"] == "present"]
    return Escalation(
        conversation_id=conversation_id,
        message_id=entry.message_id,
        tier=entry.tier,
        source=source_of(entry),
        said_at=entry.at,
        categories=tuple(dict.fromkeys(flag["category"] for flag in present)),
        triggers=tuple(signs.get("triggers", [])),
        language=sign.language if sign else signs.get("language", "en"),
        relative=sign.relative if sign else signs.get("relative", False),
        late=late,
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


def recorded(ticket: Ticket) -> State:
    return {"reference": ticket.reference, "tier": ticket.escalation.tier, "status": "recorded"}


def _ids(escalation: Escalation) -> dict[str, str]:
    return {"conversation": escalation.conversation_id, "message": escalation.message_id, "tier": escalation.tier}


async def _on_disk(work: Any, *args: Any) -> Any:
    """Blocking work on the disk, in a thread; a disk that hangs is given up on."""
    async with asyncio.timeout(DISK_WAIT_S):
        return await anyio.to_thread.run_sync(work, *args, abandon_on_cancel=True)
