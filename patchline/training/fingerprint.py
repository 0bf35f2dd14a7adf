"""The fingerprint of everything that a trained model depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from patchline.settings import ROOT

# Relative to the root. Tests, documents and the entries of the processes do not change a model.
SOURCES = (
    "config.yml",
    "domain.yml",
    "data/**/*.yml",
    "content/red_flags.yml",  # the rest of content/ is read when a process starts: a new contact needs no training
    "content/context_rules.yml",
    "patchline/nlu/*.py",
    "patchline/nlu/*.safetensors",
    "patchline/safety/**/*.py",
    "evaluation/strata/*.tsv",  # what a model is calibrated on
)
CODE = ("patchline/", "evaluation/")  # how the patterns of the product's own files begin; staff edit the others
LIBRARIES = ("rasa", "scikit-learn", "onnxruntime")  # their versions decide whether an old archive still loads


def fingerprint(root: Path, content: Path | None = None, code: Path | None = None) -> str:
    """The sha256, in hexadecimal, over the names and bytes of all training files and the versions of the libraries.

    Independent of times and of where the project lies: a copy has the same fingerprint. `content` stands in for the
    folder `content/` of `root` when the clinic keeps its content elsewhere, `code` for the product's own files.
    """
    return _digest(sources(root, content, code))


def code_fingerprint(root: Path = ROOT) -> str:
    """The same over the product's own code and libraries alone: a model of an earlier one has to be trained anew."""
    return _digest((name, path) for name, path in sources(root) if name.startswith(CODE))


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in files:
        data = path.read_bytes()
        # The length goes first, so that no bytes can move from one file to the next unseen.
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    for library in LIBRARIES:
        digest.update(f"{library}=={metadata.version(library)}\0".encode())
    return digest.hexdigest()


def sources(root: Path, content: Path | None = None, code: Path | None = None) -> Iterator[tuple[str, Path]]:
    """All training files as (name relative to the root with forward slashes, path), sorted by name."""
    found: dict[str, Path] = {}
    for pattern in SOURCES:
        base, prefix = (code if code and pattern.startswith(CODE) else root), ""
        if content is not None and pattern.startswith("content/"):
            base, prefix, pattern = content, "content/", pattern.removeprefix("content/")
        for path in base.glob(pattern):
            if path.is_file():
                found[prefix + path.relative_to(base).as_posix()] = path
    yield from sorted(found.items())
