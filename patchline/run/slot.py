"""`python -m patchline.run.slot PROGRAM`: keeps one program running as `serving.json` wants it.

PROGRAM is rasa_a, actions_a, rasa_b, actions_b or worker. The supervisor starts these and looks after them; each looks
at `serving.json` a few times a second and starts, changes or stops its child. So nothing listens to be told what to do,
and after a crash of anything everybody goes on from what stands in that file. A child that ends by itself ends this
process in the same way, by exit code or signal, and the supervisor starts it again.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import cast

from patchline import health
from patchline import settings as environment
from patchline.lifeline import stop_with_parent
from patchline.releases import serving
from patchline.releases.serving import INSTALLED, SLOTS, Serving, ServingError, Slot
from patchline.settings import Settings

PROGRAMS = (*(f"{kind}_{slot}" for slot in SLOTS for kind in ("rasa", "actions")), "worker")
LOOK_S = 0.25
GRACE_S = 8.0  # to end what is under way; the supervisor gives this process ten seconds


@dataclass(frozen=True)
class Wanted:
    """What is to run: the release, and what a change of which needs a new child."""

    release: int
    key: str


def wanted(program: str, chosen: Settings, now: Serving) -> Wanted | None:
    """What belongs into a program's place; None where it is to be empty."""
    kind, _, slot = program.partition("_")
    if kind == "worker":  # it uses nothing of a release but the chain of contacts
        return Wanted(now.serving.release, _hash(content_of(chosen, now.serving.release) / "clinic.yml"))
    release = now.release_in(cast(Slot, slot))  # as `PROGRAMS` names them
    return None if release is None else Wanted(release, str(release))


def waits(program: str, chosen: Settings, now: Serving) -> bool:
    """A standby is started once the release that serves is up: patients come first."""
    slot = program.partition("_")[2]
    stands_by = slot == now.other and not (now.trying and now.trying.alive)
    return stands_by and not health.listens(serving.in_slot(chosen, now.serving.slot).rasa_port)


def content_of(chosen: Settings, release: int) -> Path:
    """As `Releases.content`, without reading a release: this process stays small."""
    return chosen.content if release == INSTALLED else chosen.releases / f"{release:04d}" / "files" / "content"


class Keeper:
    """Keeps one child."""

    def __init__(self, program: str, chosen: Settings):
        self.program, self.chosen = program, chosen
        self.child: subprocess.Popen | None = None
        self.running: Wanted | None = None

    def run(self) -> int:
        """Returns how a child has ended by itself: its exit code, never 0, or the signal that killed it below 0."""
        while True:
            self.look()
            if self.child and self.child.poll() is not None:
                return self.child.returncode or 1
            time.sleep(LOOK_S)

    def look(self) -> None:
        """Start, change or stop the child. While the file cannot be read, what runs goes on."""
        try:
            now = serving.read(self.chosen)
        except ServingError:
            if self.child is None:
                raise
            return
        found = wanted(self.program, self.chosen, now)
        if (found and found.key) == (self.running and self.running.key):
            return
        self.stop()
        if found and not waits(self.program, self.chosen, now):
            self.child, self.running = self._start(found.release), found

    def stop(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child = self.running = None

    def _start(self, release: int) -> subprocess.Popen:
        keeper = os.getpid()

        def tied() -> None:
            stop_with_parent()
            if os.getppid() != keeper:  # it ended before the request was made
                os._exit(0)

        command = [sys.executable, "-m", "patchline.run.seat", self.program, str(release)]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=tied)


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def main(program: str) -> int:
    signal.signal(signal.SIGTERM, _end)
    keeper = Keeper(program, environment.from_environment())
    try:
        ended = keeper.run()
    except ServingError as error:
        print(f"patchline: {error}", file=sys.stderr)
        return 1
    finally:
        keeper.stop()
    if ended < 0:  # whoever looks after this process is to read in its end what happened to the child
        number = signal.Signals(-ended)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return abs(ended)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
