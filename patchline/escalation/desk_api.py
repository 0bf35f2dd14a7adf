"""What people do with tickets. Plain and blocking; SQLAlchemy's errors come as they are.

Every change is one transaction that also writes a line of the ticket's history. A change that does not fit the ticket's
state raises `NotAllowed` with a sentence for people, and an unknown reference its kind `UnknownTicket`. `actor` is the
name of who does it; `at` is UTC without a zone (`patchline.database.schema.now()`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.escalation import flood, history, patient_news, presence, states
from patchline.escalation.case import Case, Happening, Sending
from patchline.escalation.cases import COLUMNS, case
from patchline.escalation.states import (
    ACKNOWLEDGED,
    CANCELLED,
    OPEN,
    OUTCOMES,
    PENDING,
    RESOLVED,
    NotAllowed,
    UnknownTicket,
)
from patchline.escalation.tables import RED_FLAG, deliveries, delivery_attempts, ticket_events, tickets

# What a limit keeps: a ticket that waits is never pushed out by many that somebody has, by newer ones, or by a flood.
_UNANSWERED = (tickets.c.state == OPEN) & tickets.c.exhausted_at.is_not(None)
_MOST_URGENT = (
    sa.case({name: place for place, name in enumerate(states.STATES)}, value=tickets.c.state),
    sa.case((tickets.c.state == RESOLVED, tickets.c.resolved_at)).desc(),
    sa.case((_UNANSWERED, 0), else_=1),
    *flood.urgency(),
)


def queue(
    engine: sa.engine.Engine,
    states: Sequence[str] = (OPEN, ACKNOWLEDGED),
    limit: int = 500,
    network: str | None = None,
) -> list[Case]:
    """The tickets in these states, the most urgent first; with `network` those that came from there alone.

    Open before acknowledged before resolved; among the open ones those that everybody was called for in vain, then
    crisis, emergency, clinic, then the other kinds; of each those of a flood last, and the longest waiting first.
    Resolved ones: the latest first. Where there are more than `limit`, the less urgent ones are left out.
    """
    query = sa.select(*COLUMNS).where(tickets.c.state.in_(states)).order_by(*_MOST_URGENT).limit(limit)
    if network is not None:
        query = query.where(tickets.c.network == network)
    with engine.connect() as db:
        return [case(row) for row in db.execute(query)]


def ticket(engine: sa.engine.Engine, reference: str) -> Case:
    """One ticket. Raises `UnknownTicket`."""
    with engine.connect() as db:
        return case(_row(db, reference, lock=False))


def cases_of(engine: sa.engine.Engine, conversation_id: str) -> list[Case]:
    """All tickets of a conversation, of every kind, oldest first."""
    query = sa.select(*COLUMNS).where(tickets.c.conversation_id == conversation_id).order_by(tickets.c.id)
    with engine.connect() as db:
        return [case(row) for row in db.execute(query)]


def events_of(engine: sa.engine.Engine, reference: str) -> list[Happening]:
    """A ticket's history, oldest first."""
    with engine.connect() as db:
        return history.read(db, tickets.c.reference == reference)


def events_for_patient(engine: sa.engine.Engine, conversation_id: str, after_id: int = 0) -> list[Happening]:
    """What a patient may see of their tickets after the event `after_id`, oldest first.

    Actions `states.FOR_PATIENTS`; the note of a "message" is its text, all other notes are left out.
    """
    return [news.happening for news in patient_news.news_of(engine, conversation_id, after_id)]


def sendings_of(engine: sa.engine.Engine, reference: str) -> list[Sending]:
    """Whom the chain has called about a ticket, and whether that arrived; oldest first."""
    last = sa.select(delivery_attempts.c.code).where(delivery_attempts.c.delivery_id == deliveries.c.id)
    last = last.order_by(delivery_attempts.c.id.desc()).limit(1).scalar_subquery()
    columns = [deliveries.c[name] for name in Sending.__dataclass_fields__ if name != "last_code"]
    query = sa.select(*columns, last).join_from(deliveries, tickets).where(tickets.c.reference == reference)
    with engine.connect() as db:
        return [Sending(*row) for row in db.execute(query.order_by(deliveries.c.id))]


def reopened_after(engine: sa.engine.Engine, reference: str, at: datetime) -> bool:
    """Whether a person has opened a ticket again since then."""
    since = (ticket_events.c.action == "reopened") & (ticket_events.c.at > at)
    with engine.connect() as db:
        return bool(history.read(db, tickets.c.reference == reference, since))


def acknowledge(engine: sa.engine.Engine, reference: str, actor: str, at: datetime) -> Case:
    """A named person has it now; the chain is still. The same person again changes nothing (two taps on one link)."""
    with writing(engine) as db:
        row = _row(db, reference)
        if not (row.state == ACKNOWLEDGED and row.acknowledged_by == actor):
            _acknowledge(db, row, actor, at, "acknowledged")
        return case(_row(db, reference))


def resolve(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, outcome: str) -> Case:
    """It is done; `outcome` says in a few words how. Also straight from open. Who writes from it leaves the chat."""
    if not outcome.strip():
        raise NotAllowed("Say in a few words how it ended.")
    with writing(engine) as db:
        row = _row(db, reference)
        state = states.after(row.state, "resolved", reference)
        presence.leave_this(db, row, actor, at)
        _set(db, row, state, {"resolved_at": at, "chain_due_at": None})
        history.write(db, row.id, at, actor, "resolved", outcome.strip())
        return case(_row(db, reference))


def resolve_all_of(
    engine: sa.engine.Engine, network: str, actor: str, at: datetime, outcome: str, opened_until: datetime
) -> int:
    """Resolve every open warning sign of one network that was opened until then; returns how many those were.

    What came in later, which nobody has seen, stays open.
    """
    if not outcome.strip():
        raise NotAllowed("Say in a few words how it ended.")
    these = (tickets.c.network == network) & (tickets.c.kind == RED_FLAG) & (tickets.c.opened_at <= opened_until)
    query = sa.select(tickets).where(these, tickets.c.state == OPEN).with_for_update()
    with writing(engine) as db:
        rows = db.execute(query).all()
        for row in rows:
            _set(db, row, RESOLVED, {"resolved_at": at, "chain_due_at": None})
            history.write(db, row.id, at, actor, "resolved", outcome.strip())
        return len(rows)


def reopen(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, why: str = "") -> Case:
    """It is not done, or who had it cannot go on; the chain begins again."""
    return _change(engine, reference, actor, at, "reopened", why.strip(), waiting(at))


def note(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, text: str) -> Case:
    """A note for colleagues; the patient does not see it."""
    return _change(engine, reference, actor, at, "noted", _said(text))


def reassign(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, to: str) -> Case:
    """Somebody else has it; an open ticket stays open until it is acknowledged."""
    if not to.strip():
        raise NotAllowed("Say who has it from now on.")
    return _change(engine, reference, actor, at, "reassigned", to.strip(), {"assigned_to": to.strip()})


def call_outcome(
    engine: sa.engine.Engine, reference: str, actor: str, at: datetime, outcome: str, text: str = ""
) -> Case:
    """The patient was called: `outcome` is one of `states.OUTCOMES`. Who has called has acknowledged, too."""
    if outcome not in OUTCOMES:
        raise NotAllowed(f"The outcome of a call is one of: {', '.join(OUTCOMES)}.")
    with writing(engine) as db:
        row = _row(db, reference)
        if row.state == OPEN:
            _acknowledge(db, row, actor, at, "acknowledged")
        states.after(row.state, "called", reference)
        history.write(db, row.id, at, actor, "called", f"{outcome}: {text.strip()}" if text.strip() else outcome)
        return case(_row(db, reference))


def message_to_patient(engine: sa.engine.Engine, reference: str, actor: str, at: datetime, text: str) -> Case:
    """A message that the patient reads in the chat. Who writes is in the chat: see `presence`."""
    text = _said(text)
    with writing(engine) as db:
        row = _row(db, reference)
        presence.join(db, row, actor, at)
        history.write(db, row.id, at, actor, "message", text)
        return case(row)


def hand_back(engine: sa.engine.Engine, reference: str, actor: str, at: datetime) -> Case:
    """The person leaves the chat, and the bot answers again."""
    with writing(engine) as db:
        row = _row(db, reference)
        if not presence.leave(db, row, actor, at):
            raise NotAllowed(f"{reference}: nobody of the clinic is in this chat; the bot answers already.")
        return case(row)


def viewed(engine: sa.engine.Engine, reference: str, actor: str, at: datetime) -> None:
    """Somebody has looked at it."""
    _change(engine, reference, actor, at, "viewed")


def waiting(at: datetime) -> dict[str, Any]:
    """The columns of a ticket that nobody has: its chain begins at `at`, and anew if it ran before."""
    return {
        "acknowledged_by": None,
        "acknowledged_at": None,
        "resolved_at": None,
        "exhausted_at": None,
        "held_at": None,
        "chain_due_at": at,
        "chain_round": tickets.c.chain_round + 1,
    }


def _change(
    engine: sa.engine.Engine,
    reference: str,
    actor: str,
    at: datetime,
    action: str,
    text: str = "",
    changes: dict[str, Any] | None = None,
) -> Case:
    with writing(engine) as db:
        row = _row(db, reference)
        _set(db, row, states.after(row.state, action, reference), changes or {})
        history.write(db, row.id, at, actor, action, text)
        return case(_row(db, reference))


def _acknowledge(db: sa.engine.Connection, row: Any, actor: str, at: datetime, action: str) -> None:
    state = states.after(row.state, action, row.reference)
    changes = {"acknowledged_by": actor, "acknowledged_at": at, "assigned_to": actor, "chain_due_at": None}
    _set(db, row, state, changes | {"exhausted_at": None})
    history.write(db, row.id, at, actor, action)


def _set(db: sa.engine.Connection, row: Any, state: str, changes: dict[str, Any]) -> None:
    db.execute(tickets.update().where(tickets.c.id == row.id).values(state=state, **changes))
    if state != OPEN:  # what was not sent yet is not needed any more
        db.execute(tickets.update().where(tickets.c.id == row.id).values(held_at=None))
        mine = (deliveries.c.ticket_id == row.id) & (deliveries.c.state == PENDING)
        db.execute(deliveries.update().where(mine).values(state=CANCELLED))


def _row(db: sa.engine.Connection, reference: str, lock: bool = True) -> Any:
    """The ticket's row, locked for the rest of a transaction that writes."""
    query = sa.select(tickets).where(tickets.c.reference == reference)
    row = db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise UnknownTicket(f"There is no ticket {reference}.")
    return row


def _said(text: str) -> str:
    if not text.strip():
        raise NotAllowed("There is nothing to write down.")
    return text.strip()
