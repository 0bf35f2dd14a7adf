"""One long job at a time for models: train, promote or roll back, in a thread of its own.

How far it is stands in `var/releases/job.json`, so that a page that is loaded again, another page and another gateway
all see it. The work itself is done elsewhere: a trial runs in a process of its own at idle priority, a switch waits for
the other slot. When the gateway ends, a training ends with it, and its release is shown as interrupted.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patchline.releases.errors import ReleaseError
from patchline.releases.files import write_json
from patchline.releases.serving import ServingError, birth
from patchline.settings import Settings
from patchline.training.model import ModelError, TrainingFailed
from patchline.workspace.errors import WorkspaceError

logger = logging.getLogger(__name__)
TOLD = (ReleaseError, ServingError, ModelError, WorkspaceError)  # their message is for people
FAILED = "It failed for a reason that is not known here. Nothing was changed; the engineer finds the reason in the log."
FULL = "The disk of the server is full. Nothing was changed; the engineer has to make room first."
Work = Callable[[Callable[[str], None]], int | None]  # is given `say(phase)`
CUT_SHORT = "It was cut short, because Patchline was stopped. Nothing was changed; do it again."


@dataclass(frozen=True)
class State:
    """One job. `kind`: "train", "promote" or "roll_back"; `release`: what it is about, or what came of it."""

    kind: str
    by: str
    began: str  # ISO 8601, UTC
    pid: int
    born: int | None
    phase: str = "starting"
    release: int | None = None
    done: bool = False
    error: str = ""

    @property
    def running(self) -> bool:
        return not self.done and self.born is not None and birth(self.pid) == self.born


class Busy(Exception):
    """Another job is under way."""


_lock = threading.Lock()  # every request has `Jobs` of its own
_ends: dict[Path, State] = {}  # how the last job of this process ended, by the file that says so


class Jobs:
    """The jobs of one installation, as this process sees and starts them."""

    def __init__(self, settings: Settings):
        self.path = settings.releases / "job.json"

    def last(self) -> State | None:
        """The job that is under way, or the last one; None before the first.

        One of this process has ended, too, where that could not be written down (the disk is full): no job hangs.
        """
        data = self._read()
        try:
            state = State(**data) if data else None
        except TypeError:  # of another version
            return None
        if state and (end := _ends.get(self.path)) and end.began == state.began:
            return end
        if state and not state.done and not state.running:
            return replace(state, done=True, error=CUT_SHORT)
        return state

    def start(
        self, kind: str, by: str, work: Callable[[Callable[[str], None]], int | None], release: int | None
    ) -> None:
        """Begin `work(say)`, which returns the release that came of it. Raises `Busy`, and OSError for a full disk."""
        with _lock:
            last = self.last()
            if last and last.running:
                raise Busy
            began = datetime.now(UTC).isoformat()
            state = State(kind, by, began, os.getpid(), birth(os.getpid()), release=release)
            self._write(state)
        threading.Thread(target=self._run, args=(state, work), name=f"model-{kind}", daemon=True).start()

    def _run(self, state: State, work: Work) -> None:
        def say(phase: str) -> None:
            nonlocal state
            if phase != state.phase:
                state = replace(state, phase=phase)
                self._write(state)

        error, release = "", state.release
        try:
            release = work(say)
        except TrainingFailed as failed:  # its message is the end of a log: for the engineer
            logger.error("a training failed: %s", failed)
            error = FAILED
        except TOLD as told:
            error = str(told)
        except OSError as unwritten:
            logger.error("a job for models failed: %s", unwritten.strerror, exc_info=unwritten)
            error = FULL if unwritten.errno == errno.ENOSPC else FAILED
        except Exception as unknown:  # a thread's error is nobody's: it must reach the page
            logger.error("a job for models failed: %s", type(unknown).__name__, exc_info=unknown)
            error = FAILED
        _ends[self.path] = replace(state, done=True, error=error, release=release)
        with suppress(OSError):  # the disk may be full; `last` knows it all the same
            self._write(_ends[self.path])

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def _write(self, state: State) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(self.path, asdict(state))


class Phases:
    """What `patchline.releases.build` is told of progress, passed on to a job."""

    def __init__(self, say: Callable[[str], None]):
        self.say = say

    def phase(self, text: str) -> None:
        self.say(text)

    def tick(self) -> None:
        """Nothing: the page counts by itself."""

    def end(self) -> None:
        """Nothing is left open."""
