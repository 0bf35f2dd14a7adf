"""A conversation as the contract has it: what patient and bot said, and what the clinic did, in order of time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from typing import Any

from patchline.escalation.patient_news import Followed
from patchline.gateway.escalations import State
from patchline.gateway.notes import Notes, instant
from patchline.gateway.records import Transcript

Line = dict[str, Any]
BY_A_MESSAGE = ("opened", "added")  # what the patient's message does, while its answer is being made
Placed = tuple[datetime, int, Line]  # where it stands; at the same moment what was said comes first


@dataclass(frozen=True)
class Chat:
    """Everything that is on record of a conversation.

    By message id: the `states` of escalations, and whether the reply was `helpful`.
    """

    transcript: Transcript
    states: Mapping[str, State]
    clinic: Followed
    helpful: Mapping[str, bool]


def body(conversation_id: str, chat: Chat, notes: Notes) -> dict[str, Any]:
    """The answer to a client that loads the conversation again."""
    news = chat.clinic.news
    return {
        "conversation_id": conversation_id,
        "messages": in_order(chat, notes, datetime.now(UTC)),
        "last_event_id": news[-1].happening.id if news else None,
        "with_person": chat.clinic.presence.with_person,
    }


def in_order(chat: Chat, notes: Notes, now: datetime) -> list[Line]:
    """All lines, the greeting first."""
    placed = merge(_said(chat), _done(chat, notes, now), key=lambda line: line[:2])
    return [line for _, _, line in placed]


def _said(chat: Chat) -> list[Placed]:
    """What patient and bot said. A message stands before its reply, whenever the next one came."""
    transcript, states = chat.transcript, chat.states
    at = transcript.created_at
    placed = [(at, 0, _of_bot(message, at, None)) for message in transcript.greeting]
    for entry in transcript.entries:
        said: Line = {"message_id": entry.message_id, "text": entry.text, "escalation": states.get(entry.message_id)}
        said["helpful"] = chat.helpful.get(entry.message_id)
        at = max(at, entry.at)
        placed.append((at, 0, {"from": "patient", "at": instant(entry.at), **said}))
        if entry.reply:
            answered_at = entry.answered_at or at  # a reply never stands without it
            at = max(at, answered_at)
            answers = [_of_bot(message, answered_at, entry.message_id) for message in entry.reply["messages"]]
            placed += [(at, 0, answer) for answer in answers]
    return placed


def _done(chat: Chat, notes: Notes, now: datetime) -> list[Placed]:
    """What the clinic did. A ticket may be there before the patient has the reply, and is told of after it."""
    placed, at = [], chat.transcript.created_at
    for news in chat.clinic.news:
        at = max(at, news.happening.at)
        if news.happening.action in BY_A_MESSAGE:
            at = max(at, _answered(chat.transcript, news.happening.at) or at)
        placed.append((at, 1, notes.line(news, now)))
    return placed


def _answered(transcript: Transcript, at: datetime) -> datetime | None:
    """When the message that was the latest at this moment was answered."""
    return next((entry.answered_at for entry in reversed(transcript.entries) if entry.at <= at), None)


def _of_bot(message: Line, at: datetime, reply_to: str | None) -> Line:
    return {"from": "bot", "at": instant(at), "reply_to": reply_to, **message}
