"""`var/serving.json`: which release answers patients, in which slot, and which one stands by in the other.

    {"serving": {"release": 7, "slot": "b"}, "standby": {"release": 6, "slot": "a"}, "before": [0, 6],
     "trying": null, "by": "Ana López", "at": "2026-11-23T09:41:12+00:00"}

A slot is a place for a Rasa server and an action server, each on a port of its own. The file says what should be; the
processes follow it by themselves: the slots (patchline/run/slot.py), the gateway (following.py), the delivery worker.
It is replaced in one step, so a crash of anything at any time leaves what was before or what comes after. Without the
file the installation's own files serve: release 0, in slot a.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from patchline.releases.files import write_json
from patchline.settings import Settings

Slot = Literal["a", "b"]
SLOTS: tuple[Slot, ...] = ("a", "b")
INSTALLED = 0  # the number of what was installed
MOST_BEFORE = 50


class ServingError(Exception):
    """The file cannot be read; the message says which and what to do."""


@dataclass(frozen=True)
class Seat:
    """A release in a slot."""

    release: int
    slot: Slot


@dataclass(frozen=True)
class Trying:
    """A release that somebody is about to promote, in the standby's slot. Good while that process lives.

    Without a release the slot is to be empty: the standby has to leave before another one comes.
    """

    release: int | None
    slot: Slot
    pid: int
    born: int  # when the process began, in the system's own count: process numbers are used again

    @property
    def alive(self) -> bool:
        return birth(self.pid) == self.born


@dataclass(frozen=True)
class Serving:
    """What the file says. `before`: the releases that served before this one, the latest last; rolling back goes there.

    `by` and `at` (ISO 8601, UTC): who made the last switch, and when.
    """

    serving: Seat = Seat(INSTALLED, "a")
    standby: Seat | None = None
    before: tuple[int, ...] = ()
    trying: Trying | None = None
    by: str = ""
    at: str = ""

    @property
    def back_to(self) -> int | None:
        """Where rolling back leads; None where nothing served before."""
        return self.before[-1] if self.before else None

    @property
    def other(self) -> Slot:
        """The slot that does not serve."""
        return "b" if self.serving.slot == "a" else "a"

    def release_in(self, slot: Slot) -> int | None:
        """Which release belongs into a slot now; None where the slot is to be empty.

        >>> Serving().release_in("a"), Serving().release_in("b")
        (0, None)
        """
        if self.serving.slot == slot:
            return self.serving.release
        if self.trying and self.trying.slot == slot and self.trying.alive:
            return self.trying.release
        return self.standby.release if self.standby else None

    def switched(self, to: Seat, before: tuple[int, ...], by: str, at: datetime) -> Serving:
        """With another release to serve; the one that served stands by where it is."""
        return Serving(
            to, self.serving, before[-MOST_BEFORE:], None, by, at.astimezone(UTC).isoformat(timespec="milliseconds")
        )

    def without_trying(self) -> Serving:
        return replace(self, trying=None)


def in_slot(settings: Settings, slot: Slot) -> Settings:
    """The same settings as the processes of a slot have them: `rasa_port` and `actions_port` are the slot's."""
    if slot == "a":
        return settings
    return replace(settings, rasa_port=settings.rasa_port_b, actions_port=settings.actions_port_b)


def path_of(settings: Settings) -> Path:
    return settings.var / "serving.json"


def read(settings: Settings) -> Serving:
    """Raises `ServingError` for a file that is not one of ours."""
    path = path_of(settings)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Serving(
            serving=_seat(data["serving"]),
            standby=_seat(data["standby"]) if data["standby"] else None,
            before=tuple(int(number) for number in data["before"]),
            trying=Trying(**data["trying"]) if data.get("trying") else None,
            by=str(data["by"]),
            at=str(data["at"]),
        )
    except FileNotFoundError:
        return Serving()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ServingError(
            f"{path} cannot be read ({type(error).__name__}); move it away to serve what was installed"
        ) from error


def write(settings: Settings, serving: Serving) -> None:
    """Replace the file in one step."""
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_json(path_of(settings), asdict(serving))


def birth(pid: int, proc: Path = Path("/proc")) -> int | None:
    """When a process began, in ticks since the machine was started; None where there is none."""
    try:
        fields = (proc / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _seat(data: dict[str, Any]) -> Seat:
    seat = Seat(int(data["release"]), data["slot"])
    if seat.slot not in SLOTS or seat.release < 0:
        raise ValueError(seat)
    return seat
