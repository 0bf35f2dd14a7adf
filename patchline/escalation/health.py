"""Whether tickets reach somebody: what the health check, `patchline doctor` and the heartbeat say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from patchline.escalation.states import LEASED, OPEN, PENDING
from patchline.escalation.tables import deliveries, delivery_attempts, tickets, workers

GONE = timedelta(seconds=30)  # a worker that has not been seen for so long is not there
OVERDUE = timedelta(seconds=90)  # a delivery may wait so long, which is more than a lease
LATELY = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    """How escalations are doing at a moment."""

    workers: int  # that were seen lately
    exhausted: int  # open tickets for which everybody was called in vain
    overdue: int  # deliveries, and tickets without their next delivery, that a worker should have taken up
    retrying: int  # deliveries that failed and are tried again
    failing: tuple[str, ...]  # channels whose attempts of the last 15 minutes failed, all of them
    open: int  # tickets that nobody has acknowledged

    @property
    def problems(self) -> list[str]:
        """What is wrong, worst first, as sentences for people; [] when all is well."""
        found = []
        if not self.workers:
            found.append("No delivery worker is running: nobody is told about tickets.")
        if self.exhausted:
            tickets_were = "1 ticket was" if self.exhausted == 1 else f"{self.exhausted} tickets were"
            found.append(f"{tickets_were} sent to every contact and nobody has acknowledged.")
        if self.overdue:
            found.append(f"Messages to staff wait longer than they should: {self.overdue}.")
        if self.failing:
            found.append(f"Channels that fail: {len(self.failing)}.")  # their names are nobody else's business
        return found


def read_health(engine: sa.engine.Engine, now: datetime) -> Health:
    """Blocking; SQLAlchemy's errors come as they are."""
    is_open = tickets.c.state == OPEN
    waiting = (deliveries.c.state == PENDING) & (deliveries.c.due_at < now - OVERDUE)
    left = (deliveries.c.state == LEASED) & (deliveries.c.lease_until < now - OVERDUE)
    with engine.connect() as db:

        def count(table: sa.Table, where: sa.sql.ColumnElement) -> int:
            number: int = db.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
            return number

        return Health(
            workers=count(workers, workers.c.seen_at > now - GONE),
            exhausted=count(tickets, is_open & tickets.c.exhausted_at.is_not(None)),
            overdue=count(deliveries, waiting | left)
            + count(tickets, is_open & (tickets.c.chain_due_at < now - OVERDUE)),
            retrying=count(deliveries, (deliveries.c.state == PENDING) & (deliveries.c.attempts > 0)),
            failing=_failing(db, now),
            open=count(tickets, is_open),
        )


def seen(engine: sa.engine.Engine, name: str, started_at: datetime, now: datetime) -> None:
    """A worker says that it is there, and clears away the names of those that are long gone."""
    with engine.begin() as db:
        db.execute(workers.delete().where((workers.c.name == name) | (workers.c.seen_at < now - timedelta(days=1))))
        db.execute(workers.insert().values(name=name, started_at=started_at, seen_at=now))


def gone(engine: sa.engine.Engine, name: str) -> None:
    """A worker stops on purpose."""
    with engine.begin() as db:
        db.execute(workers.delete().where(workers.c.name == name))


def _failing(db: sa.engine.Connection, now: datetime) -> tuple[str, ...]:
    """By name; a channel that nobody has used lately is not among them."""
    arrived = sa.func.sum(sa.case((delivery_attempts.c.outcome == "sent", 1), else_=0))
    query = sa.select(deliveries.c.channel).join_from(deliveries, delivery_attempts)
    query = query.where(delivery_attempts.c.at > now - LATELY).group_by(deliveries.c.channel).having(arrived == 0)
    return tuple(sorted(db.execute(query).scalars()))
