"""A model is current when it was trained from the files as they are, and is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patchline.settings import Settings
from patchline.training.fingerprint import fingerprint
from patchline.training.model import (
    ModelError,
    Record,
    archive_path,
    current,
    damage,
    record_path,
    sha256,
    write_record,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("config.yml", "domain.yml", "data/rules.yml", "content/clinic.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")
    return tmp_path


@pytest.fixture
def settings(root: Path) -> Settings:
    return Settings(models=root / "models", var=root / "var", content=root / "content")


@pytest.fixture
def archive(root: Path, settings: Settings) -> Path:
    """A model that was trained from `root` as it is."""
    print_ = fingerprint(root, settings.content)
    path = archive_path(settings.models, print_)
    path.parent.mkdir()
    path.write_bytes(b"a trained model")
    write_record(path, Record(print_, sha256(path), "2026-01-02T03:04:05+00:00", 12.5, "3.6.21"))
    return path


def test_a_whole_model_of_the_present_files_is_current(archive: Path, settings: Settings, root: Path) -> None:
    assert current(settings, root) == archive
    assert archive.name == f"patchline-{fingerprint(root)[:16]}.tar.gz"


def test_without_a_model_the_error_names_the_command(settings: Settings, root: Path) -> None:
    with pytest.raises(ModelError, match="run `patchline train`"):
        current(settings, root)


def test_a_changed_training_file_makes_the_model_out_of_date(archive: Path, settings: Settings, root: Path) -> None:
    (root / "data" / "rules.yml").write_text("a: 2\n")
    with pytest.raises(ModelError, match="no model for the present training files"):
        current(settings, root)


@pytest.mark.parametrize("harm", [b"", b"a trained mode", b"a trained model\0"])
def test_a_damaged_archive_is_not_used(archive: Path, settings: Settings, root: Path, harm: bytes) -> None:
    archive.write_bytes(harm)
    with pytest.raises(ModelError, match=r"patchline-\w+\.tar\.gz is damaged"):
        current(settings, root)


@pytest.mark.parametrize("harm", ["", "{", "[]", '{"fingerprint": "x"}'])
def test_a_record_that_cannot_be_read_is_said_so(archive: Path, harm: str) -> None:
    record_path(archive).write_text(harm)
    assert "cannot be read" in str(damage(archive))


def test_an_archive_without_its_record_comes_from_a_training_that_was_cut_short(archive: Path) -> None:
    record_path(archive).unlink()
    assert damage(archive) == "there is no model for the present training files"


def test_the_record_keeps_what_was_written(archive: Path) -> None:
    from patchline.training.model import read_record

    record = read_record(archive)
    changed = replace(record, seconds=99.0)
    write_record(archive, changed)
    assert read_record(archive) == changed
    assert not list(archive.parent.glob("*.new"))
