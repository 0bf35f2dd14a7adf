"""A workspace of a small installation, and two who edit it."""

import shutil
from dataclasses import replace

import pytest

from patchline.settings import ROOT, Settings
from patchline.workspace import Author, Workspace
from patchline.workspace import files as workspace_files

ANA, BEN = Author("ana", "Ana López", "admin"), Author("ben", "Ben Oz", "admin")
NUMBING = "data/faq/numbing.yml"


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """A folder with the files that an installation ships, which a test may upgrade."""
    folder = tmp_path / "installation"
    for name in ("data", "content"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, folder / name)
    monkeypatch.setattr(workspace_files, "ROOT", folder)
    return folder


@pytest.fixture
def settings(tmp_path, installation):
    return replace(Settings(var=tmp_path), content=installation / "content", workspace=tmp_path / "workspace")


@pytest.fixture
def workspace(settings):
    return Workspace(settings).open()
