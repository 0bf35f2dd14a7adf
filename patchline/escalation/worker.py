"""The delivery worker: calls one contact after another about every open ticket until somebody acknowledges it.

Several may run side by side, on one machine or on many: the database sees to it that each delivery is one worker's.
`python -m patchline.escalation.worker`; SIGTERM ends it after what it has begun.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from patchline import content, settings
from patchline.chain import Chain
from patchline.database import engines
from patchline.database.schema import now as clock
from patchline.escalation import desk_api, flood, health, outbox
from patchline.escalation.case import Case
from patchline.escalation.channels.book import check_channels, read_book
from patchline.escalation.channels.channel import SEND_LIMIT_S, Channel, SendError
from patchline.escalation.heartbeat import beat
from patchline.escalation.links import Links
from patchline.escalation.notices import compose
from patchline.escalation.outbox import Claim
from patchline.escalation.states import OPEN
from patchline.logs import Lines
from patchline.process import keep_private
from patchline.settings import SettingsError

lines = Lines("patchline.worker")
SENDERS = 4  # messages at once: a channel that hangs does not hold up the others
POLL_S = 0.5
SEEN_S = 5.0
BEAT_S = 60.0
AFTER_ERROR_S = 1.0
STOP_S = SEND_LIMIT_S + 5


class Worker:
    """One worker. `run` works until `stop` is called; `round` does what is due now."""

    def __init__(
        self,
        engine: sa.engine.Engine,
        chain: Chain,
        channels: Mapping[str, Channel],
        links: Links,
        heartbeat_url: str = "",
        now: Callable[[], datetime] = clock,
    ):
        self.engine, self.chain, self.channels, self.links = engine, chain, channels, links
        self.heartbeat_url, self.now = heartbeat_url, now
        self.name = f"{socket.gethostname()[:30]}/{os.getpid()}/{secrets.token_hex(3)}"
        self.started_at = now()
        self.sending: set[Future[None]] = set()
        self._pool = ThreadPoolExecutor(SENDERS, "send")
        self._beats = ThreadPoolExecutor(1, "heartbeat")
        self._stopping = threading.Event()
        self._due: dict[str, datetime] = {}

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Until `stop`; what has begun is finished. An error of the database is logged, and it goes on."""
        lines.event("worker_started", worker=self.name)
        while not self._stopping.is_set():
            pause_s = POLL_S
            try:
                self._tell()
                if self.round():
                    pause_s = 0.0
            except sa.exc.SQLAlchemyError as error:
                lines.failure("database_failed", error)
                pause_s = AFTER_ERROR_S
            except Exception as error:  # it must live: nobody else tells the clinic
                lines.failure("internal_error", error)
                pause_s = AFTER_ERROR_S
            self._stopping.wait(pause_s)
        self.close()

    def round(self) -> int:
        """Let chains go on and begin to send what is due. Returns how many deliveries were begun."""
        self.sending = {future for future in self.sending if not future.done()}
        now = self.now()
        outbox.go_on_where_due(self.engine, self.chain, now)
        free = SENDERS - len(self.sending)
        claims = outbox.claim(self.engine, now, free) if free else []
        self.sending |= {self._pool.submit(self._deliver, claim) for claim in claims}
        return len(claims)

    def settle(self) -> None:
        """Wait until everything that was begun has ended."""
        wait_for(self.sending)

    def close(self) -> None:
        wait_for(self.sending, STOP_S)
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._beats.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            health.gone(self.engine, self.name)
        lines.event("worker_stopped", worker=self.name)

    def _deliver(self, claim: Claim) -> None:
        """Send one and write down what became of it. If that cannot be written, the lease ends and it is sent again."""
        ids: dict[str, Any] = {"delivery": claim.id, "reference": claim.reference}
        ids |= {"channel": claim.channel, "attempt": claim.attempts}
        try:
            if self._stopping.is_set() or self.now() > claim.lease_until - timedelta(seconds=SEND_LIMIT_S):
                return outbox.give_back(self.engine, claim, self.now())
            case = desk_api.ticket(self.engine, claim.reference)
            if case.state != OPEN:
                return outbox.cancel(self.engine, claim)
            try:
                self._send(claim, case)
            except SendError as error:
                state = outbox.not_sent(self.engine, claim, error, self.now())
                return lines.event("not_sent", code=error.code, state=state, **ids)
            outbox.sent(self.engine, claim, self.now())
            lines.event("sent", **ids)
        except Exception as error:
            lines.failure("delivery_failed", error, **ids)

    def _send(self, claim: Claim, case: Case) -> None:
        channel = self.channels.get(claim.channel)
        if channel is None:
            raise SendError("unknown_channel", permanent=True)
        link = self.links.address(claim.reference, claim.contact)
        now = self.now()
        with self.engine.connect() as db:
            others = flood.others(db, claim.reference)
        notice = compose(case, claim.id, claim.contact, claim.step, link, channel.private, now, others)
        try:
            channel.send(notice, now)
        except SendError:
            raise
        except Exception as error:  # a fault of ours or of a library; another attempt may work, and others are called
            lines.failure("channel_failed", error, channel=claim.channel)
            raise SendError("internal_error") from error

    def _tell(self) -> None:
        """Say that this worker is there: in the database, and to the outside monitor."""
        if self._is_due("seen", SEEN_S):
            health.seen(self.engine, self.name, self.started_at, self.now())
        if self.heartbeat_url and self._is_due("beat", BEAT_S):
            well = not health.read_health(self.engine, self.now()).problems
            self._beats.submit(beat, self.heartbeat_url, well)

    def _is_due(self, what: str, every_s: float) -> bool:
        now = self.now()
        if now < self._due.get(what, now):
            return False
        self._due[what] = now + timedelta(seconds=every_s)
        return True


def main() -> int:
    keep_private()
    lines.configure()
    try:
        chosen = settings.from_environment()
        chain = content.load_clinic(chosen.content / "clinic.yml").chain
        channels = read_book(chosen.channels, lines.event)
        check_channels(chain, channels)
        links = Links(chosen.secret, chosen.address)
        engine = engines.make_engine(engines.url_of(chosen))
    except (SettingsError, content.ContentError) as error:
        print(f"patchline worker: {error}", file=sys.stderr)
        return 2
    worker = Worker(engine, chain, channels, links, chosen.heartbeat_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
