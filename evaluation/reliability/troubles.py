"""What is done to a running installation, and when: drawn beforehand from a seed, done as the patients talk."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.reliability.databases import Database
from evaluation.reliability.installation import WORDS, Installation
from evaluation.reliability.patients import Ward
from evaluation.reliability.receiver import Receiver
from evaluation.reliability.records import Down

PROGRAMS = (*WORDS, "second worker")
EVERYTHING, SUPERVISOR, CHANNEL = "everything at once", "supervisor", "receiver answers 503 to all"
IN_A_ROW = 4  # kills, each as soon as the program is there again
AFTER_S = 0.4  # a kill hits within so long after a message was sent, which is when its walk goes on
OUTAGE_S = (2.0, 15.0)
BACK_S = 240.0  # a start takes six seconds; two minutes on a machine that has ten other things to do


@dataclass(frozen=True)
class Trouble:
    """`what` is done `after_s` seconds after the sign number `at` is begun; `times` in a row."""

    at: int
    after_s: float
    what: str
    times: int = 1

    def __str__(self) -> str:
        row = f", {self.times} times in a row" if self.times > 1 else ""
        return f"sign {self.at} + {1000 * self.after_s:.0f} ms: {self.what}{row}"


@dataclass(frozen=True)
class Plan:
    """How much is done in a run: kills of each program, rows of kills, fresh starts, and outages."""

    kills: int  # of each program
    rows: int  # of each program but Rasa, which takes long to come back
    everything: int
    supervisor: int
    outages: int  # of each kind, the channel's among them

    @classmethod
    def for_escalations(cls, number: int) -> Plan:
        """For 500: ten kills of each program, one row each, three fresh starts, three outages of each kind."""
        return cls(max(1, number // 50), number // 400, max(1, number // 250), number // 400, max(1, number // 160))


def kills(plan: Plan, escalations: int, rng: random.Random) -> list[Trouble]:
    """All kills in the order of the signs at which they come."""
    whats = [(name, 1) for name in PROGRAMS for _ in range(plan.kills)]
    whats += [(name, IN_A_ROW) for name in PROGRAMS if name != "rasa" for _ in range(plan.rows)]
    whats += [(EVERYTHING, 1)] * plan.everything + [(SUPERVISOR, 1)] * plan.supervisor
    return _spread(whats, escalations, rng)


def outages(plan: Plan, database: Database, escalations: int, rng: random.Random) -> list[Trouble]:
    """All outages of the database and of the channel, likewise."""
    return _spread([(name, 1) for name in (*database.outages, CHANNEL) for _ in range(plan.outages)], escalations, rng)


def _spread(whats: list[tuple[str, int]], escalations: int, rng: random.Random) -> list[Trouble]:
    rng.shuffle(whats)
    places = sorted(rng.randint(1, escalations) for _ in whats)
    return [Trouble(at, rng.uniform(0, AFTER_S), what, times) for at, (what, times) in zip(places, whats, strict=True)]


class Troublemaker:
    """Does kills and outages in two threads, so that both happen at the same time, too. `said` is told of each."""

    def __init__(
        self, place: Installation, database: Database, receiver: Receiver, ward: Ward, said: Callable[[str], None]
    ) -> None:
        self.place, self.database, self.receiver, self.ward, self.said = place, database, receiver, ward, said
        self.killed: Counter[str] = Counter()
        self.away: dict[str, list[float]] = {}  # outage -> seconds of each
        self.downs: list[Down] = []
        self.faults: list[str] = []

    def begin(
        self, kills: Sequence[Trouble], outages: Sequence[Trouble], rng: random.Random, talk: Sequence[threading.Thread]
    ) -> list[threading.Thread]:
        """Until all is done or nobody speaks any more."""
        seconds = [rng.uniform(*OUTAGE_S) for _ in outages]
        jobs = [
            lambda: self._go_through(kills, talk, lambda number: self._kill(kills[number])),
            lambda: self._go_through(outages, talk, lambda number: self._outage(outages[number].what, seconds[number])),
        ]
        threads = [threading.Thread(target=self._guarded, args=(job,), daemon=True) for job in jobs]
        for thread in threads:
            thread.start()
        return threads

    def _guarded(self, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:
            self.faults.append(f"the troublemaker broke down: {type(error).__name__}: {error}")

    def _go_through(
        self, troubles: Sequence[Trouble], talk: Sequence[threading.Thread], do: Callable[[int], None]
    ) -> None:
        for number, trouble in enumerate(troubles):
            if not self.ward.wait_for(trouble.at, talk):
                return
            time.sleep(trouble.after_s)
            self.said(str(trouble))
            do(number)

    def _kill(self, trouble: Trouble) -> None:
        if trouble.what in (EVERYTHING, SUPERVISOR):
            return self._start_afresh(trouble.what)
        for number in range(trouble.times):
            if number:
                time.sleep(0.5)
            self._kill_program(trouble.what)
        return None

    def _kill_program(self, name: str) -> None:
        """As soon as it is there: after the last kill it may be about to start."""
        ends, began = time.monotonic() + BACK_S, time.monotonic()
        while not self.place.kill(name):
            if time.monotonic() > ends:
                self.faults.append(f"{name} was not there for {BACK_S:.0f} s")
                return
            time.sleep(0.1)
            began = time.monotonic()
        self.killed[name] += 1
        if name == "gateway":
            self._wait_for_gateway(began)

    def _wait_for_gateway(self, began: float) -> None:
        while not self.place.live():
            if time.monotonic() - began > BACK_S:
                self.faults.append(f"the gateway did not come back within {BACK_S:.0f} s")
                break
            time.sleep(0.1)
        self.downs.append(Down(began, time.monotonic()))

    def _start_afresh(self, what: str) -> None:
        began = time.monotonic()
        self.place.kill_everything() if what == EVERYTHING else self.place.kill_supervisor()
        self.killed[what] += 1
        watch = threading.Thread(target=self._wait_for_gateway, args=(began,), daemon=True)
        watch.start()
        try:
            self.place.start()
        except AssertionError as error:
            self.faults.append(f"a fresh start failed: {str(error)[-400:]}")
            self.place.start()
        watch.join()

    def _outage(self, what: str, seconds: float) -> None:
        began = time.monotonic()
        if what == CHANNEL:
            self.receiver.down = True
            time.sleep(seconds)
            self.receiver.down = False
        else:
            with self.database.outages[what](self.place):
                time.sleep(seconds)
        self.away.setdefault(what, []).append(round(time.monotonic() - began, 1))
