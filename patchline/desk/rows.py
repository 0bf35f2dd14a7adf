"""The queue's rows: of each ticket what a nurse must see at a glance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from patchline.desk import labels, phones
from patchline.desk.marks import Piece, excerpt, marked
from patchline.desk.times import Clock, lasted, until
from patchline.escalation.case import Case
from patchline.escalation.states import ACKNOWLEDGED, OPEN, RESOLVED

Message = tuple[str, str]  # ids of a conversation and of a message in it


@dataclass(frozen=True)
class Row:
    """One ticket of the queue; everything in words, the patient's own ones in pieces."""

    case: Case
    headline: str  # "Emergency", "Call-back wish"
    rank: str  # colour and shape: crisis | emergency | clinic | wish
    shape: str
    age: str  # "12 min"
    waiting: str  # who waits for whom, in a sentence
    phone: str | None  # E.164, for the link
    phone_shown: str
    words: list[Piece]
    has: str  # who has it, or ""
    wrote: str  # for how long a patient has been waiting for an answer in the chat, or ""


@dataclass(frozen=True)
class Facts:
    """What is known beside the tickets themselves."""

    now: datetime
    clock: Clock
    messages: Mapping[Message, str]  # what patients wrote, where it is still kept
    unanswered: Mapping[str, datetime]  # reference -> since when a patient waits for an answer
    phones: Mapping[str, str]  # conversation -> the number that was given in it, in whatever ticket


def rows(cases: Sequence[Case], facts: Facts) -> list[Row]:
    """One row for each ticket, in their order."""
    return [row(case, facts) for case in cases]


def row(case: Case, facts: Facts) -> Row:
    """The row of a ticket."""
    phone = case.phone or facts.phones.get(case.conversation_id)
    since = facts.unanswered.get(case.reference)
    return Row(
        case=case,
        headline=labels.headline(case),
        rank=labels.rank(case),
        shape=labels.SHAPES[labels.rank(case)],
        age=lasted((facts.now - case.opened_at).total_seconds()),
        waiting=waiting(case, facts.now, facts.clock),
        phone=phone,
        phone_shown=phones.shown(phone) if phone else "",
        words=words(case, facts.messages.get((case.conversation_id, case.message_id))),
        has=has(case),
        wrote=lasted((facts.now - since).total_seconds()) if since else "",
    )


def has(case: Case) -> str:
    """Who has a ticket, or ""."""
    return case.assigned_to or case.acknowledged_by or ""


def waiting(case: Case, now: datetime, clock: Clock) -> str:
    """For what a ticket waits: the next call to staff, or nothing any more."""
    if case.state == RESOLVED:
        return f"Resolved at {clock.short(case.resolved_at, now)}" if case.resolved_at else "Resolved"
    if case.state == ACKNOWLEDGED:
        return f"Acknowledged after {lasted(case.waited_s(now))}"
    if case.chain_due_at is None:
        return "Nobody else is called"
    if case.held_at:
        return "Many come in at once: staff are called about all of them together"
    when = f"{clock.short(case.chain_due_at, now)} ({until(case.chain_due_at, now)})"
    if case.unanswered:
        return f"Everybody was called, nobody came. All are called again at {when}"
    if case.chain_due_at <= now:
        return "Staff are being called now"
    return f"{'Next contact is called' if case.chain_step else 'Staff are called'} at {when}"


def words(case: Case, message: str | None) -> list[Piece]:
    """What triggered, in the patient's own words: the message with the words marked, where it is still kept."""
    if case.details:
        return [Piece(case.details)]
    if message:
        return excerpt(message, case.triggers)
    if case.triggers:
        return marked(" … ".join(case.triggers), case.triggers)
    return [Piece(f"Best time: {case.best_time}")] if case.best_time else []


def still_open(cases: Sequence[Case]) -> int:
    """How many tickets nobody has."""
    return sum(case.state == OPEN for case in cases)
