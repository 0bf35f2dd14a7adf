"""Promote a release, or roll back: patients' next message is answered by it, and none is lost on the way.

1. The slot that does not serve gets the release: `trying` in serving.json, which the slot follows by itself.
2. It is warmed up and asked questions whose answers are known.
3. serving.json is replaced: from then on the release serves, whatever happens. The gateway follows within a second;
   messages that are under way end where they began. What served before stays warm in its slot.

A failure or a crash before 3 leaves all as it was: `trying` is void once the process that wrote it is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from patchline import health
from patchline.releases import serving
from patchline.releases.errors import Broken, Refused
from patchline.releases.release import Promotion, Release
from patchline.releases.serving import Seat, Serving, Trying
from patchline.releases.slot_start import Say, runs, wait_until_down, wait_until_up
from patchline.releases.store import Releases
from patchline.releases.token import with_token
from patchline.releases.warming import answers, questions, warm_up
from patchline.settings import Settings

CONFIRM_S = 20.0  # in which the gateway has to follow
DRAIN_S = 10.0  # after a switch: messages that began with the Rasa that served before may still be under way there
LOOK_S = 0.1

NOT_RUNNING = "Patchline does not run here. Start it with `patchline run`, then try again."
NOTHING_BEFORE = "Nothing served before this: there is nothing to go back to."


def promote(settings: Settings, number: int, by: str, say: Say, releases: Releases | None = None) -> Promotion:
    """Have a release serve. Takes as long as a Rasa server takes to start, unless it stands by already.

    Raises `Refused` with the reasons why it may not, `Broken` when it failed on the way (what served before serves on),
    and `ServingError`.
    """
    releases = releases or Releases(settings)
    with _only_one(settings):
        now = releases.serving()
        reasons = releases.refusals(number)
        if not reasons and not runs(settings):
            reasons = [NOT_RUNNING]
        if reasons:
            raise Refused(f"{_title(releases.get(number))} cannot be promoted.", reasons)
        return _switch(settings, releases, number, (*now.before, now.serving.release), by, "promote", say)


def roll_back(settings: Settings, by: str, say: Say, releases: Releases | None = None) -> Promotion:
    """Have the release serve that served before this one; a few seconds, because it stands by. Raises as `promote`.

    While Patchline does not run, the next start begins with it: a release that keeps it from starting can be left.
    """
    releases = releases or Releases(settings)
    with _only_one(settings):
        now = releases.serving()
        if now.back_to is None:
            raise Refused("There is no rolling back.", [NOTHING_BEFORE])
        if reasons := releases.cannot_serve(now.back_to):
            raise Refused(f"{_title(releases.get(now.back_to))} cannot serve again.", reasons)
        if not runs(settings):
            seat = Seat(now.back_to, _seat_of(now, now.back_to) or now.serving.slot)
            after = replace(now.switched(seat, now.before[:-1], by, _utc()), standby=None)
            return _on_record(settings, releases, now, after, "roll back")
        return _switch(settings, releases, now.back_to, now.before[:-1], by, "roll back", say)


def _switch(
    settings: Settings, releases: Releases, number: int, before: tuple[int, ...], by: str, why: str, say: Say
) -> Promotion:
    now = releases.serving()
    release = releases.get(number)
    slot = with_token(serving.in_slot(settings, now.other))
    warm = _seat_of(now, number) == now.other and answers(slot)
    try:
        if not warm:
            _start(settings, now, release, slot, say)
        say("switching")
        after = now.switched(Seat(number, now.other), before, by, _utc())
        serving.write(settings, after)
        _confirm(settings, now, number, say)
    except BaseException as error:
        with contextlib.suppress(OSError):  # a `trying` that stays is void once this process is gone
            serving.write(settings, now.without_trying())
        if isinstance(error, OSError):
            raise Broken(f"The switch could not be written down: {error.strerror}.") from error
        raise
    return _on_record(settings, releases, now, after, why)


def _start(settings: Settings, now: Serving, release: Release, slot: Settings, say: Say) -> None:
    """Put a release into the other slot and get it to answer. The standby there gives way to it."""
    _drain(now, say)
    empty = Trying(None, now.other, os.getpid(), serving.birth(os.getpid()) or 0)
    serving.write(settings, replace(now, trying=empty))
    wait_until_down(settings, slot)
    serving.write(settings, replace(now, trying=replace(empty, release=release.number)))
    wait_until_up(settings, slot, now.other, say, f"starting {release.name} beside what serves")
    for step in warm_up(slot, questions(release.files)):
        say(step)


def _confirm(settings: Settings, now: Serving, number: int, say: Say) -> None:
    """Until the gateway says that it answers with the release. One that is just started again reads the file anyway."""
    deadline = time.monotonic() + CONFIRM_S
    while (health.ready(settings, timeout_s=3.0) or {}).get("release") != number:
        say("switching")
        if time.monotonic() > deadline:
            raise Broken(f"It did not answer through the gateway within {CONFIRM_S:.0f} s; gateway.log may say why.")
        time.sleep(LOOK_S)


def _on_record(settings: Settings, releases: Releases, now: Serving, after: Serving, why: str) -> Promotion:
    if releases.serving() != after:
        serving.write(settings, after)
    done = Promotion(after.at, after.by, after.serving.release, now.serving.release, why)
    releases.note_promotion(done)
    releases.keep_models(settings.keep_models)
    return done


def _drain(now: Serving, say: Say) -> None:
    """The other slot served until the last switch: what began there ends there first."""
    if not now.at:
        return
    left_s = DRAIN_S - (_utc() - datetime.fromisoformat(now.at)).total_seconds()
    if 0 < left_s <= DRAIN_S:
        say("waiting for the last switch's messages to end")
        time.sleep(left_s)


def _seat_of(now: Serving, number: int) -> serving.Slot | None:
    return now.standby.slot if now.standby and now.standby.release == number else None


def _title(release: Release) -> str:
    return release.name[0].upper() + release.name[1:]


def _utc() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Held while a switch is made; the system lets go of it when its holder dies."""
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(settings.var / ".switch.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another switch is under way.", ["Wait until it is done."]) from None
        yield
