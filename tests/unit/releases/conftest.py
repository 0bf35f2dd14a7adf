"""Releases on disk, with a small file in the place of a model; what is sealed and refused does not depend on it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from patchline.releases.release import Release
from patchline.releases.store import Releases
from patchline.settings import ROOT, Settings

OPEN = {"gate": {"open": True, "failures": []}}
CLOSED = {"gate": {"open": False, "failures": ["It misses 3 of 530 emergencies."]}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", models=tmp_path / "models", secret="s" * 40)


@pytest.fixture
def releases(settings: Settings) -> Releases:
    return Releases(settings, unsigned=lambda files, live: [])


@pytest.fixture
def make(releases: Releases):
    """Makes a finished release of the installation's own files."""

    def make(*, passed: bool = True, model: bytes | None = b"a model") -> Release:
        with releases.building():
            release = releases.begin("abc123", "Ana López", "Numbing: shorter")
            shutil.copytree(ROOT / "content", release.files / "content")
            (release.files / "domain.yml").write_text("version: '3.1'\n")
            if model is not None:
                release.archive.write_bytes(model)
                (release.folder / "model.json").write_text(json.dumps({"fingerprint": "f00d"}))
            return releases.finish(release.number, OPEN if passed else CLOSED)

    return make
