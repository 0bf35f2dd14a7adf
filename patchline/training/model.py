"""Trained models on disk: an archive and, beside it, a record of what it was trained from.

    models/patchline-0f3a….tar.gz    what Rasa loads
    models/patchline-0f3a….json      fingerprint, sha256 of the archive, when, how long, Rasa's version

The record is written last, so an archive without a record is a training that was cut short.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from patchline.settings import ROOT, Settings
from patchline.training.fingerprint import fingerprint

SHORT = 16  # characters of the fingerprint in a file's name


class ModelError(Exception):
    """There is no usable model, or training failed; the message says what to do."""


class TrainingFailed(ModelError):
    """Training was begun and failed; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Record:
    """What is kept beside an archive."""

    fingerprint: str
    sha256: str  # of the archive
    trained_at: str  # ISO 8601, UTC
    seconds: float
    rasa: str  # version


def archive_path(models: Path, print_: str) -> Path:
    return models / f"patchline-{print_[:SHORT]}.tar.gz"


def record_path(archive: Path) -> Path:
    return archive.with_name(archive.name.removesuffix(".tar.gz") + ".json")


def current(settings: Settings, root: Path = ROOT) -> Path:
    """The archive that was trained from the files as they are now.

    Raises `ModelError` when it is missing or damaged, with the command that makes it.
    """
    archive = archive_path(settings.models, fingerprint(root, settings.content))
    fault = damage(archive)
    if fault:
        raise ModelError(f"{fault}; run `patchline train`")
    return archive


def damage(archive: Path) -> str | None:
    """Why an archive cannot be used, or None. E.g. 'there is no model for the present training files'."""
    if not archive.exists() or not record_path(archive).exists():
        return "there is no model for the present training files"
    try:
        record = read_record(archive)
        intact = sha256(archive) == record.sha256
    except (OSError, ValueError, TypeError):
        return f"the record of the model {archive.name} cannot be read"
    return None if intact else f"the model {archive.name} is damaged"


def read_record(archive: Path) -> Record:
    """Raises OSError, ValueError or TypeError for a record that cannot be read."""
    return Record(**json.loads(record_path(archive).read_text(encoding="utf-8")))


def write_record(archive: Path, record: Record) -> None:
    """Writes the record in one step: a reader sees all of it or nothing."""
    path = record_path(archive)
    temporary = path.with_suffix(".json.new")
    temporary.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
