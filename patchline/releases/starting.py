"""What a start begins with: the release that served last, or the best that there is when it cannot serve."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from patchline import content
from patchline.releases import serving
from patchline.releases.release import Promotion, Release
from patchline.releases.serving import INSTALLED, Seat, Serving
from patchline.releases.store import OTHER_VERSION, Releases
from patchline.settings import Settings
from patchline.training.progress import Progress
from patchline.training.train import train

PATCHLINE = "Patchline"  # who did it, where no person did
Remake = Callable[[Settings, Release, Progress], Release]


def serving_settings(settings: Settings) -> Settings:
    """The settings as the processes of the release that serves have them: its content, and the ports of its slot.

    Raises `ServingError`.
    """
    releases = Releases(settings)
    seat = releases.serving().serving
    return replace(serving.in_slot(settings, seat.slot), content=releases.content(releases.get(seat.release)))


def check_installed(settings: Settings) -> None:
    """Raises `ContentError` or `SettingsError` when what was installed cannot serve patients."""
    from patchline.escalation.channels.book import check_book
    from patchline.gateway.production import check_production

    loaded = content.load(settings.content, settings.max_characters)
    check_production(settings, loaded)
    check_book(loaded.clinic.chain, settings.channels)


def ready_to_serve(settings: Settings, progress: Progress, remake: Remake | None = None) -> Settings:
    """Makes sure that there is something to serve, trains if need be, and says what it does.

    Returns what `serving_settings` does. A release whose code is of another version is trained anew and has to pass its
    trial again. One that cannot serve gives way to what served before it, and at last to what was installed. Raises
    the errors of `check_installed` and of a training, and `ServingError`.
    """
    releases = Releases(settings)
    now = serving.read(settings)
    chosen = _chosen(settings, releases, now, progress, remake or _remake)
    if chosen == INSTALLED:
        check_installed(settings)
        train(settings, progress)
    after = _after(releases, now, chosen)
    if after != now:
        serving.write(settings, after)
    if chosen != now.serving.release:
        releases.note_promotion(Promotion(after.at, PATCHLINE, chosen, now.serving.release, "start"))
    return serving_settings(settings)


def _chosen(settings: Settings, releases: Releases, now: Serving, progress: Progress, remake: Remake) -> int:
    """The release that is to serve."""
    for number in _candidates(now):
        if number == INSTALLED:
            break
        reasons = releases.cannot_serve(number)
        if reasons == [OTHER_VERSION] and number == now.serving.release:
            progress.say(f"Patchline was changed since release {number} was trained: it is trained and tried anew.")
            made = remake(settings, releases.get(number), progress)
            reasons = releases.refusals(made.number)
            number = made.number
        if not reasons:
            if number != now.serving.release:
                progress.say(f"Release {number} serves.")
            return number
        progress.say("\n  ".join([f"Release {number} cannot serve patients:", *reasons]))
    if now.serving.release != INSTALLED:
        progress.say("What was installed serves.")
    return INSTALLED


def _candidates(now: Serving) -> Iterator[int]:
    yield now.serving.release
    yield from dict.fromkeys(number for number in reversed(now.before) if number != now.serving.release)
    yield INSTALLED


def _after(releases: Releases, now: Serving, chosen: int) -> Serving:
    """What serving.json is to say: nothing is being tried at a start, and only what can serve stands by."""
    standby = now.standby
    if chosen != now.serving.release:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        before = now.before[: now.before.index(chosen)] if chosen in now.before else (*now.before, now.serving.release)
        return Serving(Seat(chosen, now.serving.slot), None, before, None, PATCHLINE, at)
    if standby and (standby.release == chosen or releases.cannot_serve(standby.release)):
        standby = None
    return replace(now, standby=standby, trying=None)


def _remake(settings: Settings, release: Release, progress: Progress) -> Release:
    from patchline.releases.build import remake

    return remake(settings, release, progress)
