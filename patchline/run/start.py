"""`patchline run`: check, train if need be, start everything, say when it is ready, watch, and stop it all."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TextIO

from patchline import health, settings
from patchline.releases import serving
from patchline.releases.starting import check_installed, ready_to_serve
from patchline.releases.token import write_token
from patchline.run.checks import check_machine
from patchline.run.supervisor import PROGRAMS, Supervisor, environment, write_configuration
from patchline.run.watch import Event, Exits, event
from patchline.settings import Settings
from patchline.training.progress import Progress, Tail, indented

START_LIMIT_S = 180.0
POLL_S = 0.3


class Stopped(BaseException):
    """Ctrl-C or a SIGTERM arrived."""


class BrokenStart(Exception):
    """The processes were started, but there is no answer; the message holds the end of a log."""


def run() -> int:
    """Runs until it is told to stop. Exit codes: 0 stopped on purpose, 1 the start or the supervisor failed.

    Raises the errors that are told before anything is started (exit code 2): `SettingsError`, `ContentError`,
    `ModelError`, `StartError`.
    """
    began = time.monotonic()
    _on_signals(_raise_stopped)
    progress = Progress()
    try:
        chosen = checked_settings()
        own = ready_to_serve(chosen, progress)
        check_machine(chosen)  # once more: training takes a while
        config = write_configuration(chosen)
    except Stopped:
        progress.say("Stopped.")
        return 0
    logs, progress = Logs(chosen.var / "logs"), Progress()
    write_token(chosen)
    supervisor, code = None, 1
    try:
        supervisor = Supervisor.start(config, environment(os.environ, chosen))
        (chosen.var / "run" / "session").write_text(str(supervisor.process.pid))
        wait_until_ready(own, supervisor, logs, progress, began)
        watch(supervisor, logs)
        _say("patchline: the supervisor ended by itself; so everything is stopped", sys.stderr)
    except Stopped:
        code = 0
    except BrokenStart as error:
        progress.end()
        _say(f"patchline: {error}", sys.stderr)
    finally:
        _on_signals(signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
        progress.end()
        left = _stop(supervisor) if supervisor else []
    if left:
        _say(f"patchline: these processes could not be stopped: {left}", sys.stderr)
        return 1
    _say("Everything is stopped.")
    return code


def checked_settings() -> Settings:
    """Settings with which a start makes sense.

    Raises `SettingsError`, `ContentError`, `ServingError` or `StartError`.
    """
    os.environ.setdefault("PATCHLINE_INTERNAL_TOKEN", secrets.token_urlsafe(32))  # a fresh one for each run
    chosen = settings.from_environment()
    if serving.read(chosen).serving.release == serving.INSTALLED:
        check_installed(chosen)  # before it is trained
    check_machine(chosen)
    return chosen


class Logs:
    """The logs of the supervisor and its programs, from this start on."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._tails = {name: Tail(self.path(name)) for name in ("supervisord", *PROGRAMS)}

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def events(self) -> list[Event]:
        """What happened to the programs since the last call."""
        return [happened for line in self._tails["supervisord"].lines() if (happened := event(line))]

    def end(self, name: str) -> str:
        """For an error message, e.g. 'the end of …/var/logs/rasa.log:' and the lines."""
        return f"the end of {self.path(name)}:\n{indented(self._tails[name].lines())}"


def wait_until_ready(chosen: Settings, supervisor: Supervisor, logs: Logs, progress: Progress, began: float) -> None:
    """Returns once a model has answered a real question through the gateway. Raises `BrokenStart`."""
    exits, gateway_up = Exits(), False
    standby = _programs(serving.read(chosen).other)
    while True:
        for happened in logs.events():
            if happened.program not in standby:  # patients can do without it
                exits.note(happened)
        _check_start(supervisor, logs, exits, progress.seconds)
        if not gateway_up and health.live(chosen):
            gateway_up = True
            progress.say(f"The gateway is up after {progress.seconds:.0f} s.")
        if not health.listens(chosen.rasa_port):
            progress.phase("Rasa loads the model" if gateway_up else "starting")
        elif gateway_up:
            progress.phase("asking a first question")
            if health.ready(chosen):
                break
        progress.tick()
        time.sleep(POLL_S)
    seconds = time.monotonic() - began
    progress.say(f"Patchline answers at {health.address(chosen)} (ready after {seconds:.0f} s)  -  Ctrl-C stops it")


def _programs(slot: serving.Slot) -> set[str]:
    return {program for program in PROGRAMS if program.endswith(f"_{slot}")}


def _check_start(supervisor: Supervisor, logs: Logs, exits: Exits, seconds: float) -> None:
    if supervisor.process.poll() is not None:
        raise BrokenStart(f"the supervisor ended at once; {logs.end('supervisord')}")
    if exits.broken:
        times = exits.count[exits.broken]
        raise BrokenStart(f"{exits.broken} ended {times} times while starting; {logs.end(exits.broken)}")
    if seconds > START_LIMIT_S:
        raise BrokenStart(f"no answer after {START_LIMIT_S:.0f} s; the logs in {logs.folder} may say why")


def watch(supervisor: Supervisor, logs: Logs) -> None:
    """Tells of every program that dies and is started again. Returns when the supervisor has ended."""
    while supervisor.process.poll() is None:
        for happened in logs.events():
            if happened.kind == "died":
                _say(f"{happened.program} ended ({happened.reason}) and is started again.")
        time.sleep(POLL_S)


def _stop(supervisor: Supervisor) -> list[int]:
    _say("Stopping …")
    return supervisor.stop()


def _say(text: str, out: TextIO | None = None) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; stopping matters more
        print(text, file=out or sys.stdout, flush=True)


def _on_signals(action: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # started with nohup
        signal.signal(number, action)


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    raise Stopped
