"""`patchline train --workspace`, `promote`, `rollback`, `models`: what the desk's buttons do, for scripts."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from collections.abc import Callable, Sequence

from patchline.releases.build import build
from patchline.releases.release import Promotion, Release
from patchline.releases.serving import INSTALLED, Serving
from patchline.releases.store import Releases
from patchline.releases.switch import promote, roll_back
from patchline.settings import Settings
from patchline.training.progress import Progress

HEAD = ("RELEASE", "STATE", "MODEL", "SIGNS", "HARMLESS", "TOPICS", "MADE BY", "WHEN", "PROMOTED BY", "WHEN")


def run_train(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit codes: 0 the release passed its trial, 1 it did not."""
    progress = Progress()
    try:
        release = build(settings, _by(arguments), arguments.message, progress)
    finally:
        progress.end()
    return told(release)


def told(release: Release) -> int:
    """Says what came of a release that was made; the exit code."""
    if release.state == "passed":
        print(
            f"Release {release.number} passed its trial. `patchline promote {release.number}` has it answer patients."
        )
        return 0
    failures = ((release.report() or {}).get("gate") or {}).get("failures") or ["there is no model"]
    print(f"Release {release.number} did not pass its trial:", file=sys.stderr)
    for failure in failures:
        print(f"  {failure}", file=sys.stderr)
    return 1


def run_promote(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit codes: 0 done; refused or failed is raised (`ReleaseError`, 1)."""
    return _switched(lambda say: promote(settings, arguments.release, _by(arguments), say))


def run_roll_back(arguments: argparse.Namespace, settings: Settings) -> int:
    return _switched(lambda say: roll_back(settings, _by(arguments), say))


def _switched(switch: Callable[[Callable[[str], None]], Promotion]) -> int:
    progress, began = Progress(), time.monotonic()

    def say(step: str) -> None:
        progress.phase(step)
        progress.tick()

    try:
        done = switch(say)
    finally:
        progress.end()
    name = "What was installed" if done.release == INSTALLED else f"Release {done.release}"
    print(f"{name} answers patients now, after {time.monotonic() - began:.1f} s. `patchline rollback` goes back.")
    return 0


def run_models(arguments: argparse.Namespace, settings: Settings) -> int:
    """Prints a table of all releases, the newest first."""
    releases = Releases(settings)
    now = releases.serving()
    promoted: dict[int, Promotion] = {}
    for promotion in releases.promotions():  # the newest first
        promoted.setdefault(promotion.release, promotion)
    found = [*releases.all(), releases.get(INSTALLED)]
    rows = [row(release, now, promoted.get(release.number)) for release in found]
    widths = [max(len(line[column]) for line in (HEAD, *rows)) for column in range(len(HEAD))]
    for line in (HEAD, *rows):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
    return 0


def row(release: Release, now: Serving, promoted: Promotion | None) -> Sequence[str]:
    """One line of the table; shares of the trial in percent."""
    report = release.report() if release.number != INSTALLED else None
    scores = (report or {}).get("scores") or {}
    signs = scores.get("signs") or {}
    return (
        str(release.number),
        state(release, now),
        release.fingerprint[:8] or "-",
        _share(signs.get("sensitivity")),
        _share(signs.get("harmless")),
        _share(scores.get("topics")),
        release.by or "-",
        _day(release.at),
        promoted.by if promoted else "-",
        _day(promoted.at) if promoted else "-",
    )


def state(release: Release, now: Serving) -> str:
    """What a release is to patients, or else what its trial said."""
    if now.serving.release == release.number:
        return "serving"
    if now.standby and now.standby.release == release.number:
        return "stands by"
    gone = release.state == "passed" and not release.archive.exists()
    return "passed, model gone" if gone else release.state


def _share(counted: dict | None) -> str:
    return f"{100 * counted['right'] / counted['of']:.1f} %" if counted and counted.get("of") else "-"


def _day(at: str) -> str:
    return at[:16].replace("T", " ") if at else "-"


def _by(arguments: argparse.Namespace) -> str:
    try:
        return arguments.by or f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # an account without a name
        return "command line"
