"""A person of the clinic in the chat: while one writes with a patient, the bot stays quiet. Plain and blocking.

Nothing is kept but lines of tickets' histories, so every process sees the same, and the patient reads each line once:

    joined       nobody was in the chat, and a person writes her first message
    message      she is in the chat for `QUIET` from it on, unless her ticket is resolved
    handed_back  she leaves; resolving the ticket that she writes from is leaving, too
    left         she has not written for `QUIET`: written down by whoever notices first
    wrote        the patient wrote meanwhile; the note is the message id, the words are in the journal alone
    unanswered   nobody answered that within `PATIENCE`: the patient is told so, once after each message of hers
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.escalation import history
from patchline.escalation.states import RESOLVED
from patchline.escalation.tables import ticket_events, tickets

QUIET = timedelta(minutes=10)
PATIENCE = timedelta(minutes=3)

JOINED, MESSAGE, HANDED_BACK, LEFT, WROTE, UNANSWERED = (
    "joined", "message", "handed_back", "left", "wrote", "unanswered",
)  # fmt: skip
ACTIONS = (MESSAGE, HANDED_BACK, LEFT, WROTE, UNANSWERED)  # that decide who is in the chat
TAKEN_NOTE = (MESSAGE, "viewed", "called", "resolved", HANDED_BACK)  # by a person, of what a patient wrote

_COLUMNS = (
    ticket_events.c.action,
    ticket_events.c.at,
    ticket_events.c.note,
    ticket_events.c.ticket_id,
    tickets.c.state,
)


@dataclass(frozen=True)
class Presence:
    """Who is in a chat at a moment. `due`: the line that is to be written now, "left" or "unanswered"."""

    with_person: bool = False
    due: str | None = None
    ticket_id: int | None = None  # the ticket that she writes from


def person_in_chat(engine: sa.engine.Engine, conversation_id: str, now: datetime) -> bool:
    """Whether a person of the clinic writes with this patient now, so that the bot stays quiet."""
    with engine.connect() as db:
        return read(db, conversation_id, now).with_person


def wrote(engine: sa.engine.Engine, conversation_id: str, message_id: str, at: datetime) -> bool:
    """Put on record, for the desk, that the patient wrote while a person is in the chat; once for each message.

    False when nobody is there any more: then nothing is written, and the bot has to answer.
    """
    with writing(engine) as db:
        history.in_turn(db, conversation_id)
        rows = _rows(db, conversation_id)
        presence = fold(rows, at)
        known = any(row.action == WROTE and row.note == message_id for row in rows)
        if presence.ticket_id is not None and presence.with_person and not known:
            history.write(db, presence.ticket_id, at, history.PATIENT, WROTE, message_id)
        return presence.with_person


def tend(engine: sa.engine.Engine, conversation_id: str, now: datetime) -> bool:
    """`person_in_chat`, after the line that is due was written, if the database takes it now."""
    with engine.connect() as db:
        presence = read(db, conversation_id, now)
    if presence.due:
        with contextlib.suppress(sa.exc.OperationalError):  # locked: another reader will see to it
            lapse(engine, conversation_id, now)
    return presence.with_person


def lapse(engine: sa.engine.Engine, conversation_id: str, now: datetime) -> bool:
    """Write the line that is due because time has passed, once however many processes try. True if one was written."""
    with writing(engine) as db:
        presence = read_in_turn(db, conversation_id, now)
        if presence.due and presence.ticket_id is not None:
            history.write(db, presence.ticket_id, now, history.PATCHLINE, presence.due)
        return presence.due is not None


def join(db: sa.engine.Connection, row: Any, actor: str, at: datetime) -> None:
    """A person is about to write from the ticket of a row: the patient is told who is there, if nobody was.

    Where nobody has noticed yet that her last message is long ago, she never left.
    """
    if row.state != RESOLVED and read_in_turn(db, row.conversation_id, at).ticket_id is None:
        history.write(db, row.id, at, actor, JOINED)


def leave(db: sa.engine.Connection, row: Any, actor: str, at: datetime) -> bool:
    """A person leaves the chat, and the bot answers again. False when nobody is there: then nothing is written."""
    return _leave(db, row, actor, at, read_in_turn(db, row.conversation_id, at))


def leave_this(db: sa.engine.Connection, row: Any, actor: str, at: datetime) -> None:
    """The same, where the person in the chat writes from the ticket of this row."""
    presence = read_in_turn(db, row.conversation_id, at)
    if presence.ticket_id == row.id:
        _leave(db, row, actor, at, presence)


def unanswered(engine: sa.engine.Engine) -> dict[str, datetime]:
    """Who waits for a person's answer: reference -> since when, the first message that has none.

    Not any more once a person has answered or taken note (`TAKEN_NOTE`), from any ticket of the conversation.
    """
    later, other = ticket_events.alias(), tickets.alias()
    noted = sa.exists().where(
        later.c.ticket_id == other.c.id,
        other.c.conversation_id == tickets.c.conversation_id,
        later.c.id > ticket_events.c.id,
        later.c.action.in_(TAKEN_NOTE),
    )
    query = sa.select(tickets.c.reference, sa.func.min(ticket_events.c.at)).join_from(ticket_events, tickets)
    query = query.where(ticket_events.c.action == WROTE, tickets.c.state != RESOLVED, ~noted)
    with engine.connect() as db:
        return dict(db.execute(query.group_by(tickets.c.reference)).all())


def read(db: sa.engine.Connection, conversation_id: str, now: datetime) -> Presence:
    """Who is in the chat of a conversation."""
    return fold(_rows(db, conversation_id), now)


def read_in_turn(db: sa.engine.Connection, conversation_id: str, now: datetime) -> Presence:
    """The same for who is about to write: nobody else changes it until the commit."""
    history.in_turn(db, conversation_id)
    return read(db, conversation_id, now)


def fold(rows: Iterable[Any], now: datetime) -> Presence:
    """Who is in a chat, by its lines of the kinds `ACTIONS`, oldest first: (action, at, note, ticket_id, state)."""
    last, waits, told = None, None, False
    for row in rows:
        if row.action == MESSAGE and row.state != RESOLVED:
            last, waits, told = row, None, False
        elif row.action in (HANDED_BACK, LEFT):
            last = None
        elif row.action == WROTE:
            waits = waits or row.at
        elif row.action == UNANSWERED:
            told = True
    if last is None:
        return Presence()
    if now >= last.at + QUIET:
        return Presence(False, LEFT, last.ticket_id)
    due = UNANSWERED if waits and not told and now >= waits + PATIENCE else None
    return Presence(True, due, last.ticket_id)


def _rows(db: sa.engine.Connection, conversation_id: str) -> list[Any]:
    query = sa.select(*_COLUMNS).join_from(ticket_events, tickets).order_by(ticket_events.c.id)
    mine = (tickets.c.conversation_id == conversation_id) & ticket_events.c.action.in_(ACTIONS)
    rows: list[Any] = db.execute(query.where(mine)).all()
    return rows


def _leave(db: sa.engine.Connection, row: Any, actor: str, at: datetime, presence: Presence) -> bool:
    if presence.with_person:
        history.write(db, row.id, at, actor, HANDED_BACK)
    elif presence.due == LEFT:
        history.write(db, row.id, at, history.PATCHLINE, LEFT)
    return presence.ticket_id is not None
