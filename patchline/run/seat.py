"""`python -m patchline.run.seat PROGRAM RELEASE`: becomes the program, with that release's model and content.

The last gate: a release that did not pass its trial, or was changed after it, is not loaded, whatever `serving.json`
says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

from patchline import settings as environment
from patchline.releases import serving
from patchline.releases.errors import Refused
from patchline.releases.release import Release
from patchline.releases.serving import INSTALLED, Slot
from patchline.releases.store import NO_MODEL, Releases
from patchline.run.rasa_server import GENTLY
from patchline.settings import Settings
from patchline.training.model import ModelError

MODULES = {
    "rasa": "patchline.run.rasa_server",
    "actions": "patchline.run.action_server",
    "worker": "patchline.escalation.worker",
}


def command(program: str, number: int, chosen: Settings) -> tuple[list[str], dict[str, str]]:
    """What to run and the variables that it needs. Raises `Refused`, and `ModelError` for what was installed."""
    kind, _, slot = program.partition("_")
    releases = Releases(chosen)
    release = releases.get(number)
    variables = {"PATCHLINE_CONTENT": str(releases.content(release))}
    if slot:
        own = serving.in_slot(chosen, cast(Slot, slot))
        variables |= {"PATCHLINE_RASA_PORT": str(own.rasa_port), "PATCHLINE_ACTIONS_PORT": str(own.actions_port)}
    arguments = [str(_model(releases, release))] if kind == "rasa" else []
    if arguments and releases.serving().serving.slot != slot:
        arguments.append(GENTLY)  # patients are answered by the other slot meanwhile
    return [sys.executable, "-m", MODULES[kind], *arguments], variables


def _model(releases: Releases, release: Release) -> Path:
    if release.number == INSTALLED:
        return releases.archive(release)
    faults = [*releases.faults(release.number), *([] if release.archive.exists() else [NO_MODEL])]
    if release.state != "passed":
        faults.append("It did not pass its trial.")
    if faults:
        raise Refused(f"Release {release.number} is not loaded.", faults)
    return release.archive


def main(program: str, number: int) -> int:
    try:
        line, variables = command(program, number, environment.from_environment())
    except (Refused, ModelError) as error:
        print(f"patchline: {error}", file=sys.stderr, flush=True)
        return 1
    os.execve(line[0], line, os.environ | variables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
