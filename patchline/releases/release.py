"""What a release is, and what is on record of each switch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from patchline.releases.serving import INSTALLED
from patchline.settings import ROOT

State = Literal["building", "interrupted", "passed", "failed", "installed"]


@dataclass(frozen=True)
class Release:
    """One release. `commit` is the workspace's; `by` a name as people know it; times are ISO 8601 in UTC."""

    number: int
    commit: str = ""
    by: str = ""
    sentence: str = ""  # what it is for, in the words of who made it
    at: str = ""
    state: State = "building"
    finished_at: str = ""
    fingerprint: str = ""  # of everything that the model was trained from; "" without a model
    code: str = ""  # fingerprint of the product's own code that trained it
    folder: Path = ROOT

    @property
    def name(self) -> str:
        return "as installed" if self.number == INSTALLED else f"release {self.number}"

    @property
    def files(self) -> Path:
        """The folder with data/, content/, domain.yml, config.yml."""
        return ROOT if self.number == INSTALLED else self.folder / "files"

    @property
    def archive(self) -> Path:
        """The model. That of release 0 is found by `Releases.archive`."""
        return self.folder / "model.tar.gz"

    def report(self) -> dict[str, Any] | None:
        """What the trial said (the shape is `patchline.trial.report`'s); None for one without a report."""
        try:
            return json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None


@dataclass(frozen=True)
class Promotion:
    """One switch of what patients are answered with. `why`: promote, roll back, upgrade."""

    at: str
    by: str
    release: int  # that serves from then on
    before: int  # that served until then
    why: str
