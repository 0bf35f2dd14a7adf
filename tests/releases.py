"""Makes releases for tests without a training: the installation's files and model, with a clinic line of their own."""

from __future__ import annotations

import shutil

from patchline.releases.release import Release
from patchline.releases.store import Releases
from patchline.settings import Settings
from patchline.training.model import current, record_path
from tests.answers import ROOT

LINE = "(202) 555-0142"  # of the installation's own content


def make_release(settings: Settings, line: str, *, passed: bool = True) -> Release:
    """A release that differs from what is installed by the clinic line's number, e.g. "(202) 555-0171"."""
    releases = Releases(settings)
    with releases.building():
        release = releases.begin("0" * 40, "Ana López", f"The clinic line is {line}")
        for folder in ("data", "content"):
            shutil.copytree(ROOT / folder, release.files / folder)
        for name in ("domain.yml", "config.yml"):
            shutil.copy(ROOT / name, release.files)
        clinic = release.files / "content" / "clinic.yml"
        clinic.write_text(with_line(clinic.read_text(encoding="utf-8"), line), encoding="utf-8")
        archive = current(settings)
        shutil.copy(archive, release.archive)
        shutil.copy(record_path(archive), release.folder / "model.json")
        gate = {"open": passed, "failures": [] if passed else ["It misses 3 of 530 emergencies."]}
        return releases.finish(release.number, {"gate": gate})


def with_line(clinic: str, line: str) -> str:
    """The text of clinic.yml with another clinic line."""
    found = clinic.replace(LINE, line).replace(dialled(LINE), dialled(line))
    assert found != clinic
    return found


def dialled(line: str) -> str:
    return "+1" + "".join(filter(str.isdigit, line))
