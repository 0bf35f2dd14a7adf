"""What an empty queue rests on: not only that nothing is there, but that something would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from patchline.chain import LOG, Chain
from patchline.desk.times import Clock, ago
from patchline.escalation.states import SENT
from patchline.escalation.tables import deliveries, tickets, workers


@dataclass(frozen=True)
class Evidence:
    """Sentences for people; `silent` where nobody's telephone would ring."""

    sentences: tuple[str, ...]
    silent: bool


def gather(engine: sa.engine.Engine, chain: Chain, now: datetime, clock: Clock) -> Evidence:
    """Blocking; SQLAlchemy's errors come as they are."""
    with engine.connect() as db:
        seen = db.execute(sa.select(sa.func.max(workers.c.seen_at))).scalar()
        query = sa.select(deliveries.c.sent_at, deliveries.c.contact).where(deliveries.c.state == SENT)
        sent = db.execute(query.order_by(deliveries.c.sent_at.desc()).limit(1)).first()
        opened = db.execute(sa.select(sa.func.max(tickets.c.opened_at))).scalar()
    silent = all(channel == LOG for contact in chain.contacts for channel in contact.channels)
    return Evidence(
        (
            f"The delivery worker was seen {ago(seen, now)}." if seen else "No delivery worker is running.",
            f"The last message to staff went out at {clock.short(sent.sent_at, now)}, to {sent.contact}."
            if sent
            else "No message has gone out to staff yet.",
            f"The last ticket came at {clock.short(opened, now)}." if opened else "No ticket has ever come.",
        ),
        silent,
    )
