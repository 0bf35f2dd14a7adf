"""The chat that a ticket came from: what the patient, the bot and the clinic said, in order, with what triggered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from patchline.desk.marks import Piece, marked
from patchline.escalation import desk_api
from patchline.escalation.case import Case, Happening
from patchline.escalation.tickets import tickets_of
from patchline.gateway.records import Forgotten, Records, Transcript
from patchline.gateway.tables import conversations, messages


@dataclass(frozen=True)
class Line:
    """One thing that was said."""

    who: Literal["patient", "bot", "clinic"]
    name: str  # of who wrote for the clinic, else ""
    at: datetime
    pieces: list[Piece]
    trigger: bool = False  # this message opened the ticket
    reference: str | None = None  # of another ticket that this message opened
    added: bool = False  # this message joined the ticket


@dataclass(frozen=True)
class Talk:
    """A chat; without lines where it is not kept any more, and then `deleted_at` says since when, if that is known."""

    lines: tuple[Line, ...] = ()
    kept: bool = True
    deleted_at: datetime | None = None


def read(engine: sa.engine.Engine, case: Case, cases: Sequence[Case]) -> Talk:
    """The chat of a ticket; `cases` are all tickets of the conversation. Blocking; SQLAlchemy's errors as they come."""
    try:
        transcript = Records(engine).transcript(case.conversation_id)
    except Forgotten:
        return Talk(kept=False, deleted_at=_forgotten_at(engine, case.conversation_id))
    if transcript is None:
        return Talk(kept=False)
    happened = (one for ticket in cases for one in desk_api.events_of(engine, ticket.reference))
    written = [one for one in happened if one.action == "message"]
    signs = {message: ticket.reference for message, ticket in tickets_of(engine, case.conversation_id).items()}
    return Talk(in_order(transcript, case, cases, written, signs))


def in_order(
    transcript: Transcript,
    case: Case,
    cases: Sequence[Case],
    written: Sequence[Happening],
    signs: Mapping[str, str],
) -> tuple[Line, ...]:
    """A transcript and what staff have written into it, by time. `signs`: message -> the ticket that it joined."""
    others = {one.message_id: one.reference for one in cases if one.reference != case.reference}
    joined = {message for message, reference in signs.items() if reference == case.reference}
    others |= {message: reference for message, reference in signs.items() if reference != case.reference}
    lines = [Line("bot", "", transcript.created_at, [Piece(said["text"])]) for said in transcript.greeting]
    for entry in transcript.entries:
        trigger = entry.message_id == case.message_id
        added = not trigger and entry.message_id in joined
        pieces = marked(entry.text, case.triggers if trigger or added else ())
        lines.append(Line("patient", "", entry.at, pieces, trigger, others.get(entry.message_id), added))
        said = (entry.reply or {}).get("messages", [])
        lines += [Line("bot", "", entry.answered_at or entry.at, [Piece(one["text"])]) for one in said]
    lines += [Line("clinic", one.actor, one.at, [Piece(one.note or "")]) for one in written]
    return tuple(sorted(lines, key=lambda line: line.at))  # stable: what was said at once stays in its order


def texts(engine: sa.engine.Engine, cases: Sequence[Case]) -> dict[tuple[str, str], str]:
    """The messages that opened tickets, where they are still kept, by the ids of conversation and message."""
    wanted = {(case.conversation_id, case.message_id) for case in cases}
    query = sa.select(messages.c.conversation_id, messages.c.message_id, messages.c.text)
    query = query.where(messages.c.conversation_id.in_({conversation for conversation, _ in wanted}))
    query = query.where(messages.c.message_id.in_({message for _, message in wanted}))
    with engine.connect() as db:
        return {(row[0], row[1]): row[2] for row in db.execute(query) if (row[0], row[1]) in wanted}


def _forgotten_at(engine: sa.engine.Engine, conversation_id: str) -> datetime | None:
    query = sa.select(conversations.c.forgotten_at).where(conversations.c.id == conversation_id)
    with engine.connect() as db:
        return db.execute(query).scalar()
