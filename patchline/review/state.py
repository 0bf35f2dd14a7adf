"""How far the scan is that is under way, and how the last one ended: `var/review.json`, written in one step."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from patchline.settings import Settings


@dataclass(frozen=True)
class State:
    """`sentence`: what is being done, or why it failed, for people."""

    now: Literal["running", "done", "failed"]
    sentence: str
    pid: int = 0

    @property
    def running(self) -> bool:
        """Also false when the process died and could not say so."""
        return self.now == "running" and _lives(self.pid)


def read(settings: Settings) -> State | None:
    """None: there never was a scan, or the file is no use."""
    try:
        return State(**json.loads(_path(settings).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(settings: Settings, state: State) -> None:
    path = _path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(json.dumps(asdict(state)), encoding="utf-8")
    part.replace(path)


def _path(settings: Settings) -> Path:
    return settings.var / "review.json"


def _lives(pid: int) -> bool:
    """A process that has ended and was not waited for yet does not live."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return False
