"""What happens at the clinic as the patients concerned may see it. Plain and blocking; no words of the chat in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.escalation import presence
from patchline.escalation.case import Happening
from patchline.escalation.presence import Presence
from patchline.escalation.states import FOR_PATIENTS
from patchline.escalation.tables import ticket_events, tickets
from patchline.safety.model import Tier

MOST = 500  # conversations in one statement

_COLUMNS = (
    *(ticket_events.c[name] for name in ("id", "at", "actor", "action", "note", "ticket_id")),
    *(tickets.c[name] for name in ("reference", "state", "conversation_id", "message_id", "kind", "tier", "language")),
)


@dataclass(frozen=True)
class News:
    """One line of a ticket's history that its patient may see, with what the wording depends on."""

    happening: Happening  # `note`: the text of a "message", else None
    message_id: str  # of the patient's message that the ticket is about
    kind: str  # red_flag | callback | appointment | question
    tier: Tier | None
    language: str


@dataclass(frozen=True)
class Followed:
    """What is new for one conversation, oldest first, and who is in the chat."""

    news: tuple[News, ...]
    presence: Presence


def news_of(engine: sa.engine.Engine, conversation_id: str, after_id: int = 0) -> list[News]:
    """Everything after the event `after_id`, oldest first."""
    query = _query().where(tickets.c.conversation_id == conversation_id, ticket_events.c.action.in_(FOR_PATIENTS))
    with engine.connect() as db:
        return [_news(row) for row in db.execute(query.where(ticket_events.c.id > after_id))]


def catch_up(engine: sa.engine.Engine, conversation_id: str, now: datetime) -> Followed:
    """All that is on record for one conversation, with what is due now."""
    presence.tend(engine, conversation_id, now)
    return follow(engine, {conversation_id: 0}, now)[conversation_id]


def follow(engine: sa.engine.Engine, after: Mapping[str, int], now: datetime) -> dict[str, Followed]:
    """What is new in many conversations, with one query for (up to `MOST` of) them. `after`: the last id each has seen.

    >>> follow(engine, {"c1": 17, "c2": 0}, now)["c1"].news[0].happening.id
    18
    """
    found: dict[str, list[Any]] = {conversation_id: [] for conversation_id in after}
    asked, actions = list(after), ticket_events.c.action.in_({*FOR_PATIENTS, *presence.ACTIONS})
    with engine.connect() as db:
        for start in range(0, len(asked), MOST):
            # All lines, which are few: who is in a chat does not follow from the new ones alone. Each conversation goes
            # on after an id of its own, because over all of them ids do not become visible in their order.
            these = tickets.c.conversation_id.in_(asked[start : start + MOST])
            for row in db.execute(_query().where(these, actions)):
                found[row.conversation_id].append(row)
    return {conversation_id: _followed(rows, after[conversation_id], now) for conversation_id, rows in found.items()}


def _query() -> sa.Select:
    return sa.select(*_COLUMNS).join_from(ticket_events, tickets).order_by(ticket_events.c.id)


def _followed(rows: list[Any], after_id: int, now: datetime) -> Followed:
    new = tuple(_news(row) for row in rows if row.id > after_id and row.action in FOR_PATIENTS)
    return Followed(new, presence.fold((row for row in rows if row.action in presence.ACTIONS), now))


def _news(row: Any) -> News:
    text = row.note if row.action == presence.MESSAGE else None
    happening = Happening(row.id, row.reference, row.at, row.actor, row.action, text)
    return News(happening, row.message_id, row.kind, row.tier, row.language)
