"""Tickets: escalations and wishes on record, once for each message. Plain and blocking; SQLAlchemy's errors come as
they are.

A conversation is one case: while its ticket of a warning sign is open, or was taken up a short while ago, later signs
join it and call again only where they are more urgent. Whoever has it sees them there; ten signs of one patient are not
ten patients.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from patchline.chain import Chain, urgency_of
from patchline.database.engines import writing
from patchline.database.schema import now
from patchline.escalation import flood, history, states
from patchline.escalation.desk_api import waiting
from patchline.escalation.escalation import Escalation, joined, merged
from patchline.escalation.reference import new_reference
from patchline.escalation.states import ACKNOWLEDGED, OPEN, PENDING
from patchline.escalation.steps import go_on
from patchline.escalation.tables import RED_FLAG, deliveries, ticket_messages, tickets
from patchline.escalation.wish import Wish
from patchline.safety.model import worst

_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_CONTENT = tuple(Escalation.__dataclass_fields__)
_LISTS = ("categories", "triggers")
DRAWS = 20  # of a reference that nobody has yet
# For so long whoever acknowledged a ticket is taken to be at it; what the patient writes later is a new case.
AT_IT = timedelta(minutes=30)


@dataclass(frozen=True)
class Ticket:
    """A ticket that was committed."""

    reference: str
    state: str
    opened_at: datetime


@dataclass(frozen=True)
class SignTicket(Ticket):
    """One that is about a warning sign."""

    escalation: Escalation


def open_ticket(
    engine: sa.engine.Engine, escalation: Escalation, chain: Chain | None = None, at: datetime | None = None
) -> SignTicket:
    """Put an escalation on record, in one transaction with the first deliveries. On the disk when this returns.

    Without a chain at hand the worker, which has one, writes the deliveries: the ticket says that they are due.

    A second call for the same message returns the first one's ticket, with what the second knows added to it: a higher
    tier raises the ticket's and calls again, a lower one changes nothing. So does another message of a conversation
    whose case somebody is at. `at`: when that is; without it, now.
    """
    at = at or now()
    with writing(engine) as db:
        if case := _case_of(db, escalation, at):
            return _added(db, case, escalation, chain, at)
        row, new = _opened(db, _row(escalation) | {"kind": RED_FLAG}, chain, at)
        return _ticket(row) if new else _with(db, row, escalation, chain, at)


def open_wish(engine: sa.engine.Engine, wish: Wish, chain: Chain | None = None) -> Ticket:
    """Put a wish on record, in one transaction with the first deliveries. On the disk when this returns.

    A second call for the same message returns the first one's ticket as it is.
    """
    with writing(engine) as db:
        row, _ = _opened(db, asdict(wish) | {"source": "form", "triggers": [], "late": False}, chain, now())
        return Ticket(row.reference, row.state, row.opened_at)


def tickets_of(engine: sa.engine.Engine, conversation_id: str) -> dict[str, SignTicket]:
    """A conversation's warning signs by message id, with the ticket that each is in; oldest first.

    The tier of a ticket's first message is the ticket's; of one that joined it is the message's own.
    """
    mine = (tickets.c.conversation_id == conversation_id) & (tickets.c.kind == RED_FLAG)
    more = ticket_messages.c.conversation_id == conversation_id
    with engine.connect() as db:
        rows = db.execute(sa.select(tickets).where(mine).order_by(tickets.c.id)).all()
        others = db.execute(sa.select(ticket_messages).where(more).order_by(ticket_messages.c.id)).all()
    by_id = {row.id: _ticket(row) for row in rows}
    first = {ticket.escalation.message_id: ticket for ticket in by_id.values()}
    return first | {other.message_id: _of(by_id[other.ticket_id], other.message_id, other.tier) for other in others}


def _of(ticket: SignTicket, message_id: str, tier: Any) -> SignTicket:
    """A case as one of the messages that joined it sees it."""
    return replace(ticket, escalation=replace(ticket.escalation, message_id=message_id, tier=tier))


def _case_of(db: sa.engine.Connection, sign: Escalation, at: datetime) -> Any:
    """The row, locked, of the ticket that a message has joined, or joins now; None for one with a ticket of its own."""
    this = (tickets.c.conversation_id == sign.conversation_id) & (tickets.c.kind == RED_FLAG)
    mine = sa.select(tickets).where(this)
    if db.execute(mine.where(tickets.c.message_id == sign.message_id)).first():
        return None
    member = (ticket_messages.c.conversation_id == sign.conversation_id) & (
        ticket_messages.c.message_id == sign.message_id
    )
    before = sa.select(ticket_messages.c.ticket_id).where(member).scalar_subquery()
    taken_up = (tickets.c.state == ACKNOWLEDGED) & (tickets.c.acknowledged_at > at - AT_IT)
    joinable = tickets.c.id == before
    if not sign.late:  # of one that was found late the patient is told by the news of a ticket of its own
        joinable = joinable | (tickets.c.state == OPEN) | taken_up
    latest = (tickets.c.id == before).desc(), tickets.c.id.desc()
    return db.execute(mine.where(joinable).order_by(*latest).limit(1).with_for_update()).first()


def _added(db: sa.engine.Connection, row: Any, sign: Escalation, chain: Chain | None, at: datetime) -> SignTicket:
    """A warning sign joins a case, or says more of itself than when it joined."""
    this = (ticket_messages.c.conversation_id == sign.conversation_id) & (
        ticket_messages.c.message_id == sign.message_id
    )
    known = db.execute(sa.select(ticket_messages).where(this)).first()
    about: dict[str, Any] = {"tier": sign.tier, "complete": sign.categories is not None}
    changes: dict[str, Any] = {}
    if known is None:
        about |= {"ticket_id": row.id, "conversation_id": sign.conversation_id, "message_id": sign.message_id, "at": at}
        db.execute(ticket_messages.insert().values(about))
        history.write(db, row.id, at, history.PATIENT, "added", sign.tier)
        changes["signs"] = tickets.c.signs + 1
    else:
        about = {"tier": worst([known.tier, sign.tier]), "complete": known.complete or about["complete"]}
        db.execute(ticket_messages.update().where(this).values(about))
    whole = joined(_escalation(row), sign)
    if whole.tier != row.tier:
        changes |= _raised(db, row, whole.tier, chain, at)
    db.execute(tickets.update().where(tickets.c.id == row.id).values(_row(whole) | changes))
    ticket = SignTicket(row.reference, changes.get("state", row.state), row.opened_at, whole)
    return _of(ticket, sign.message_id, about["tier"])


def _opened(db: sa.engine.Connection, about: dict[str, Any], chain: Chain | None, at: datetime) -> tuple[Any, bool]:
    """The row of a message's ticket, and whether it is a new one."""
    this = [tickets.c[name] == about[name] for name in ("conversation_id", "message_id", "kind")]
    for _ in range(DRAWS):
        # Nothing is inserted where the message has a ticket. The query sees to that and not a violated constraint:
        # a server writes the statement that failed, the patient's words in it, to its own log.
        row = about | {"reference": new_reference(), "state": OPEN, "opened_at": at}
        row |= {"chain_due_at": at, "chain_round": 1, "chain_step": 0}
        new = db.execute(_INSERT[db.dialect.name](tickets).values(row).on_conflict_do_nothing()).rowcount > 0
        found = db.execute(sa.select(tickets).where(*this).with_for_update()).first()
        if new:
            history.write(db, found.id, at, history.PATIENT, "opened")
            if chain and not flood.holds(db, found, at):
                go_on(db, found, chain, at)
        if found:
            return found, new
    raise RuntimeError("no reference is free")


def _with(db: sa.engine.Connection, row: Any, escalation: Escalation, chain: Chain | None, at: datetime) -> SignTicket:
    """The ticket of a row, after what `escalation` adds to it was written."""
    before = _escalation(row)
    whole = merged(before, escalation)
    if whole == before:
        return _ticket(row)
    raised = _raised(db, row, whole.tier, chain, at) if whole.tier != row.tier else {}
    db.execute(tickets.update().where(tickets.c.id == row.id).values(_row(whole) | raised))
    return SignTicket(row.reference, raised.get("state", row.state), row.opened_at, whole)


def _raised(db: sa.engine.Connection, row: Any, tier: str, chain: Chain | None, at: datetime) -> dict[str, Any]:
    """The columns of a ticket that turned out to be worse: who was called about it is called again."""
    history.write(db, row.id, at, history.PATCHLINE, "raised", f"from {row.tier}")
    state = states.after(row.state, "raised", row.reference)
    if row.state != OPEN:
        return {"state": state} | waiting(at)
    latest = (deliveries.c.ticket_id == row.id) & (deliveries.c.step == row.chain_step)
    unsent = set(db.execute(sa.select(deliveries.c.state).where(latest)).scalars()) == {PENDING}
    if not unsent:
        return {"state": state, "chain_due_at": at}
    # What nobody has seen yet will name the higher tier by itself; only the wait after it may be too long.
    due = min(row.chain_due_at, chain.next_call(urgency_of(tier), at)) if chain else row.chain_due_at
    return {"state": state, "chain_due_at": due}


def _row(escalation: Escalation) -> dict[str, Any]:
    row = asdict(escalation)
    return row | {name: None if row[name] is None else list(row[name]) for name in _LISTS}


def _ticket(row: Any) -> SignTicket:
    return SignTicket(row.reference, row.state, row.opened_at, _escalation(row))


def _escalation(row: Any) -> Escalation:
    known = {name: getattr(row, name) for name in _CONTENT}
    known |= {name: None if known[name] is None else tuple(known[name]) for name in _LISTS}
    return Escalation(**known)
