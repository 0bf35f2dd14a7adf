"""One run: an installation on one database, a calm beginning, troubles, a drain, and the count."""

from __future__ import annotations

import contextlib
import os
import random
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from evaluation.reliability import sayings
from evaluation.reliability.counting import Counts, count
from evaluation.reliability.databases import Database, journal_in, tickets_in
from evaluation.reliability.installation import Installation
from evaluation.reliability.patients import Conversation, Ward
from evaluation.reliability.receiver import Receiver
from evaluation.reliability.sayings import WHAT_IFS, Candidates, Saying
from evaluation.reliability.troubles import Plan, Troublemaker, kills, outages
from patchline.content import load_clinic
from patchline.gateway.overlooked import flagged, unread
from patchline.settings import ROOT

PATIENTS = 8
EACH = 40  # texts of each kind that are tried in the calm beginning
DRAIN_S = 300.0
QUIET_S = 5.0  # after everything is where it belongs: whether anything comes twice
SAY_EVERY_S = 10.0
ENDED = re.compile(r"exited: (\w+) \((exit status \d+|terminated by SIG(?!KILL)\w+)")
GIVEN_UP = re.compile(r"(\w+) entered FATAL state")


class RunError(Exception):
    """The run could not be done at all, and proves nothing; the message says why."""


@dataclass(frozen=True)
class Options:
    """`minutes` is how long the patients talk; `limit_min` ends everything, whatever is under way."""

    escalations: int = 500
    minutes: float = 15.0
    limit_min: float = 45.0
    seed: int = 1
    each: int = EACH


@dataclass(frozen=True)
class Result:
    """What one run came to."""

    database: str  # with its version
    options: Options
    counts: Counts
    killed: dict[str, int]
    away: dict[str, list[float]]  # seconds
    seconds: float  # all of it
    drained_s: float | None  # from the end of the talk until everything was where it belongs; None: it never was
    load: float  # of the machine in the last 15 minutes, in processes that wanted a core


def run(
    database: Database, archive: Path, folder: Path, options: Options, said: Callable[[str], None] = print
) -> Result:
    """Raises `RunError`. Whatever happens, everything that was started is ended."""
    began = time.monotonic()
    rng = random.Random(options.seed)
    receiver = Receiver(secrets.token_hex(24), options.seed)
    place = Installation(folder, archive, database.url(folder / "var"), receiver)
    line = load_clinic(ROOT / "content" / "clinic.yml").line.display
    ward = Ward(place.system.base_url, line, options.seed, began + 60 * options.limit_min)
    with contextlib.ExitStack() as stack:
        stack.callback(receiver.close)
        stack.callback(place.stop)
        said("starting the processes")
        _start(place)
        threading.Thread(target=place.keep_second, daemon=True).start()
        known = _calm(ward, options, rng, said)
        maker = Troublemaker(place, database, receiver, ward, said)
        receiver.well = False
        _trouble(ward, maker, known, options, rng, said)
        receiver.well = True
        drained_s = _drain(place, receiver, ward, said)
        time.sleep(QUIET_S)
        said("counting")
        others = [*ward.faults, *maker.faults, *_ended(place)]
        if drained_s is None:
            others.append(f"not everything was where it belongs {DRAIN_S:.0f} s after the last word")
        tickets, journal = tickets_in(place.url), journal_in(place.url)
        counts = count(ward.spoken, ward.exchanges, tickets, receiver.requests, maker.downs, others, journal)
    return Result(
        database=database.version(),
        options=options,
        counts=counts,
        killed=dict(maker.killed),
        away=maker.away,
        seconds=time.monotonic() - began,
        drained_s=drained_s,
        load=round(os.getloadavg()[2], 1),
    )


def _start(place: Installation) -> None:
    try:
        place.start()
    except AssertionError as error:
        raise RunError(str(error)) from error


def _calm(ward: Ward, options: Options, rng: random.Random, said: Callable[[str], None]) -> Candidates:
    """Before any trouble each text is said once. Kept are those of which both nets together say what was expected."""
    tried, known = sayings.candidates(ROOT, ROOT / "content", rng, options.each), Candidates()
    with Conversation(ward, rng) as conversation:
        for text, choice in WHAT_IFS.items():
            reply = conversation.say(Saying("button", text, choice, text))
            if not (reply and reply["escalation"]):
                raise RunError(f"the button of {text!r} opens no ticket")
    for kind, wanted in (("rules", True), ("model", True), ("harmless", False)):
        for text in getattr(tried, kind):
            with Conversation(ward, rng) as conversation:
                if conversation.try_out(text, kind if wanted else "model") == wanted:
                    getattr(known, kind).append(text)
    said(f"calm: {len(known.rules)} signs for the rules, {len(known.model)} for the model alone")
    if min(len(known.rules), len(known.model), len(known.harmless)) < 3:
        raise RunError("too few texts that the rules, or the model alone, see: is the model one of this content?")
    return known


def _trouble(
    ward: Ward,
    maker: Troublemaker,
    known: Candidates,
    options: Options,
    rng: random.Random,
    said: Callable[[str], None],
) -> None:
    """The patients talk while things are broken. Returns when all have said what they had to say and all is mended."""
    number = options.escalations
    conversations, plan = sayings.script(known, number, rng), Plan.for_escalations(number)
    ward.begun = 0
    pause_s = 60 * options.minutes * PATIENTS / sum(len(said) for said in conversations)
    talk = ward.talk(conversations, PATIENTS, pause_s)
    breaking = maker.begin(kills(plan, number, rng), outages(plan, maker.database, number, rng), rng, talk)
    began = last = time.monotonic()
    while any(thread.is_alive() for thread in (*talk, *breaking)):
        time.sleep(0.5)
        if time.monotonic() - last > SAY_EVERY_S:
            last = time.monotonic()
            killed, away = maker.killed.total(), sum(map(len, maker.away.values()))
            said(f"{last - began:.0f} s: {ward.begun} of {number} signs, {killed} kills, {away} outages")
        if time.monotonic() > ward.ends + 60:
            raise RunError(f"not done after {options.limit_min} minutes")


def _drain(place: Installation, receiver: Receiver, ward: Ward, said: Callable[[str], None]) -> float | None:
    """Wait until everything is where it belongs, for a limited time. Seconds; None when it never was."""
    began = last = time.monotonic()
    while time.monotonic() - began < DRAIN_S:
        left = _left(place, receiver, ward)
        if not left:
            return time.monotonic() - began
        if time.monotonic() - last > SAY_EVERY_S:
            last = time.monotonic()
            said(f"draining, {last - began:.0f} s: {', '.join(f'{count} {what}' for what, count in left.items())}")
        time.sleep(1.0)
    return None


def _left(place: Installation, receiver: Receiver, ward: Ward) -> dict[str, int]:
    """What is not where it belongs yet; {} when all is."""
    engine = sa.create_engine(place.url, poolclass=sa.pool.NullPool, hide_parameters=True)
    try:
        there = tickets_in(place.url)
        waiting = {"flagged in the journal": len(flagged(engine)), "unread in the journal": len(unread(engine))}
    except sa.exc.SQLAlchemyError as error:
        return {f"database ({type(error).__name__})": 1}
    has, keys = receiver.has(), {ticket.key for ticket in there}
    left = waiting | {
        "without a ticket": sum(item.flagged and item.answered and item.key not in keys for item in ward.spoken),
        "in the spool": len(list((place.var / "spool").glob("*.json"))),
        "in the backlog": len(list((place.var / "backlog").glob("*.json"))),
        "not delivered": sum(ticket.reference not in has for ticket in there),
    }
    return {what: count for what, count in left.items() if count}


def _ended(place: Installation) -> list[str]:
    """Programs that ended though nobody killed them, or that the supervisor gave up."""
    log = place.log("supervisord")
    found = [f"{name} ended by itself ({how})" for name, how in ENDED.findall(log)]
    return found + [f"{name} was given up by the supervisor" for name in GIVEN_UP.findall(log)] + place.ended
