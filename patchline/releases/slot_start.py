"""Waits for what runs in a slot: until it is gone, and until it is up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from patchline import health
from patchline.releases.errors import Broken
from patchline.releases.serving import Slot, birth
from patchline.settings import Settings
from patchline.training.progress import Tail, indented

START_LIMIT_S, DOWN_LIMIT_S, LOOK_S = 600.0, 20.0, 0.2
DEATHS = 3  # while starting, after which a program is said to be broken
Say = Callable[[str], None]


def runs(settings: Settings) -> bool:
    """Whether the supervisor of this installation lives, and with it all that is started again when it dies."""
    try:
        return birth(int((settings.var / "run" / "supervisord.pid").read_text())) is not None
    except (OSError, ValueError):
        return False


def wait_until_down(settings: Settings, slot: Settings) -> None:
    """Until nothing listens at a slot's ports. `slot`: the settings with the slot's ports. Raises `Broken`."""
    deadline = time.monotonic() + DOWN_LIMIT_S
    while taken := [port for port in (slot.rasa_port, slot.actions_port) if health.listens(port)]:
        if time.monotonic() > deadline:
            names = {
                settings.rasa_port: "PATCHLINE_RASA_PORT",
                settings.actions_port: "PATCHLINE_ACTIONS_PORT",
                settings.rasa_port_b: "PATCHLINE_RASA_PORT_B",
                settings.actions_port_b: "PATCHLINE_ACTIONS_PORT_B",
            }
            raise Broken(f"Port {taken[0]} is taken by another program; stop it or set {names[taken[0]]}.")
        time.sleep(LOOK_S)


def wait_until_up(settings: Settings, slot: Settings, name: Slot, say: Say, what: str) -> None:
    """Until both servers of a slot listen. Raises `Broken` with the end of a log when one of them does not stay up."""
    began = time.monotonic()
    supervisor = Tail(settings.var / "logs" / "supervisord.log")
    logs = {kind: Tail(settings.var / "logs" / f"{kind}_{name}.log") for kind in ("rasa", "actions")}
    said: dict[str, list[str]] = {kind: [] for kind in logs}
    deaths = dict.fromkeys(logs, 0)
    while not (health.listens(slot.rasa_port) and health.listens(slot.actions_port)):
        say(what)
        if not runs(settings):
            raise Broken("Patchline was stopped meanwhile.")
        for kind, tail in logs.items():
            said[kind] += tail.lines()
        for line in supervisor.lines():
            if exited := re.search(rf"exited: (rasa|actions)_{name}\b", line):
                deaths[exited[1]] += 1
        for kind, count in deaths.items():
            if count >= DEATHS or time.monotonic() - began > START_LIMIT_S:
                raise Broken(f"It does not start; the end of {logs[kind].path}:\n{indented(said[kind])}")
        time.sleep(LOOK_S)
