"""`python -m evaluation.flood`: 1,000 false emergencies from 50 networks with 5 true ones among them.

The clinic's chain, the tickets and the outbox are the real ones, on a SQLite file of their own; the clock is not, so
that an hour takes a minute. One message to staff takes two seconds to send, as by a telephone service. Nobody
acknowledges anything for the hour, which is the worst for whoever is called. Without a budget (`--without`: as if
nobody knew whence the tickets came) it shows what the same flood did before.

Prints how long each true one waited until staff were called about it: by itself, or by a call that says how many others
wait; where it stood on the desk when it came; and how many messages the contact that is called first got.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from patchline import content, settings
from patchline.chain import Chain
from patchline.database import engines
from patchline.database.migration import migrate
from patchline.escalation import desk_api, outbox
from patchline.escalation.escalation import Escalation
from patchline.escalation.flood import BUNDLED
from patchline.escalation.tables import deliveries, ticket_events, tickets
from patchline.escalation.tickets import open_ticket
from patchline.escalation.worker import SENDERS

FALSE, TRUE, NETWORKS = 1000, 5, 50
COME_WITHIN_S = 600
LASTS_S = 3600
SEND_S = 2
START = datetime(2026, 11, 30, 22)


@dataclass(frozen=True)
class Patient:
    """A true emergency: when it came, and when staff were told."""

    after_s: int
    own_network: bool
    place: int  # on the desk when it came
    called_s: float | None  # after it came; a call about this ticket
    bundled_s: float | None  # a call about another that names how many wait


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--without", action="store_true", help="as if nobody knew whence the tickets came")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chain = content.load_clinic(settings.from_environment().content / "clinic.yml").chain
    with tempfile.TemporaryDirectory() as folder:
        patients, messages = run(Path(folder), chain, options.seed, not options.without, _say)
    print(report(patients, messages))
    return 0


def run(
    folder: Path,
    chain: Chain,
    seed: int,
    budget: bool,
    say: Callable[[str], None],
    lasts_s: int = LASTS_S,
    false: int = FALSE,
) -> tuple[list[Patient], int]:
    """Let the flood come; the true ones, and how many messages were sent. `false`: how many come within ten minutes."""
    url = f"sqlite:///{folder / 'flood.db'}"
    migrate(url)
    engine = engines.make_upkeep_engine(url)
    coming, true = _coming(random.Random(seed), budget, false)
    places: dict[str, int] = {}
    for second in range(lasts_s):
        at = START + timedelta(seconds=second)
        for sign in coming.get(second, ()):
            reference = open_ticket(engine, sign, chain, at).reference
            if sign.conversation_id in true:
                order = [case.reference for case in desk_api.queue(engine, limit=10_000)]
                places[sign.conversation_id] = order.index(reference) + 1
        outbox.go_on_where_due(engine, chain, at)
        if second % SEND_S == 0:
            for claim in outbox.claim(engine, at, SENDERS):
                outbox.sent(engine, claim, at)
        if second % 60 == 0:
            say(f"minute {second // 60} of {lasts_s // 60}")
    found = [_patient(engine, name, own, places[name]) for name, own in true.items()]
    with engine.connect() as db:
        count = db.execute(sa.select(sa.func.count()).where(deliveries.c.sent_at.is_not(None))).scalar_one()
    engine.dispose()
    return found, count


def _coming(rng: random.Random, budget: bool, false: int) -> tuple[dict[int, list[Escalation]], dict[str, bool]]:
    """What comes in which second; the true ones by conversation, and whether their network is their own."""
    coming: dict[int, list[Escalation]] = {}
    true = {f"true{number}": number >= 2 for number in range(TRUE)}  # two sit behind a network of the flood
    names = [*(f"false{number}" for number in range(false)), *true]
    for name in names:
        network = f"{rng.randrange(NETWORKS):08x}" if not true.get(name) else f"a{name[4:]:0>7}"
        sign = Escalation(
            conversation_id=name,
            message_id="m",
            tier="emergency",
            source="rules",
            said_at=START,
            categories=("cannot_move_legs",),
            network=network if budget else None,
        )
        earliest = COME_WITHIN_S // 10 if name in true else 0
        coming.setdefault(rng.randrange(earliest, COME_WITHIN_S), []).append(sign)
    return coming, true


def _patient(engine: sa.engine.Engine, name: str, own: bool, place: int) -> Patient:
    sent = sa.select(sa.func.min(deliveries.c.sent_at)).join_from(deliveries, tickets)
    told = sa.select(sa.func.min(deliveries.c.sent_at)).where(
        deliveries.c.ticket_id.in_(sa.select(ticket_events.c.ticket_id).where(ticket_events.c.action == BUNDLED))
    )
    with engine.connect() as db:
        at = db.execute(sa.select(tickets.c.opened_at).where(tickets.c.conversation_id == name)).scalar_one()
        called = db.execute(sent.where(tickets.c.conversation_id == name)).scalar()
        bundle = db.execute(told.where(deliveries.c.sent_at >= at)).scalar()
    after = lambda then: None if then is None else (then - at).total_seconds()  # noqa: E731
    return Patient(int((at - START).total_seconds()), own, place, after(called), after(bundle))


def report(patients: list[Patient], messages: int) -> str:
    """A table for people; times in seconds."""
    lines = ["true one came after | its network | place on the desk | called about it | told that it waits with others"]
    for one in sorted(patients, key=lambda one: one.after_s):
        told = [f"{value:.0f} s" if value is not None else "-" for value in (one.called_s, one.bundled_s)]
        network = "its own" if one.own_network else "of the flood"
        lines.append(" | ".join([f"{one.after_s} s", network, str(one.place), *told]))
    heard = [min(value for value in (one.called_s, one.bundled_s) if value is not None) for one in patients]
    lines.append(
        f"staff heard of true ones after {statistics.median(heard):.0f} s (median), {max(heard):.0f} s at most"
    )
    lines.append(f"messages to staff in the hour: {messages}")
    return "\n".join(lines)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
