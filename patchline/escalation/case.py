"""What the desk and the chat show of a ticket: `Case`, its history `Happening`, its messages `Sending`. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from patchline.escalation.states import OPEN
from patchline.safety.model import Tier


@dataclass(frozen=True)
class Case:
    """A ticket with everything that staff may see. Times are UTC without a zone."""

    reference: str
    kind: str  # red_flag | callback | appointment | question
    state: str  # open | acknowledged | resolved
    tier: Tier | None  # of a red flag
    categories: tuple[str, ...] | None  # None: nobody has looked yet
    triggers: tuple[str, ...]  # the patient's words that triggered
    source: str  # rules | model | both | choice | form
    language: str
    relative: bool  # written by somebody for the patient
    late: bool  # found after the patient had been answered without it
    conversation_id: str
    message_id: str
    said_at: datetime
    opened_at: datetime
    name: str | None
    phone: str | None  # E.164, e.g. "+12025550142"
    best_time: str | None
    details: str | None  # the question, or what the appointment is for
    consent_at: datetime | None
    assigned_to: str | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    chain_due_at: datetime | None  # when the next contact is called; None: the chain is still
    chain_step: int
    exhausted_at: datetime | None  # everybody was called and nobody came: the desk shows it in red
    signs: int  # messages of the conversation with a warning sign that it stands for
    network: str | None  # whence it came, e.g. "3f2a91bc"; None where that is not known
    held_at: datetime | None  # since when calls about it are bundled with those about others

    def waited_s(self, now: datetime) -> float:
        """Seconds from the ticket's opening until somebody had it, or until `now`."""
        return ((self.acknowledged_at or self.resolved_at or now) - self.opened_at).total_seconds()

    @property
    def unanswered(self) -> bool:
        """Everybody of the chain was called and nobody has acknowledged."""
        return self.state == OPEN and self.exhausted_at is not None


@dataclass(frozen=True)
class Happening:
    """One line of a ticket's history. `id` rises with time over all tickets, so a reader can go on from the last."""

    id: int
    reference: str
    at: datetime
    actor: str  # a name, "patient" or "patchline"
    action: str  # one of states.ACTIONS
    note: str | None


@dataclass(frozen=True)
class Sending:
    """One message of the chain to one contact over one channel, and how far it came."""

    contact: str
    channel: str
    step: int
    state: str  # pending | leased | sent | failed | cancelled
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    last_code: str | None  # of the last attempt, e.g. "http_503"
