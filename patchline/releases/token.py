"""What this run's processes show each other, so that a command on the same machine can ask Rasa, too."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from patchline.settings import Settings


def write_token(settings: Settings) -> None:
    """Keep it for commands, for this account alone. `patchline run` calls this at each start."""
    path = _path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(settings.internal_token)


def with_token(settings: Settings) -> Settings:
    """The settings with the running system's token; as they are where nothing runs."""
    try:
        return replace(settings, internal_token=_path(settings).read_text())
    except OSError:
        return settings


def _path(settings: Settings) -> Path:
    return settings.var / "run" / "token"
