"""Reads the YAML that Rasa will read, to name file and line of a mistake before a training is begun."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from patchline.training.model import ModelError


@dataclass(frozen=True)
class Sentence:
    """One training example: `file` relative to the root, `line` from 1."""

    text: str
    intent: str
    file: str
    line: int


def count_examples(root: Path) -> int:
    """The number of training examples under `data/`.

    Raises `ModelError` for a missing file or one that is not YAML, e.g.
    ``data/faq/lie_flat.yml line 12: not valid YAML: could not find expected ':'``.
    """
    for name in ("config.yml", "domain.yml"):
        read(root, root / name)
    files = sorted((root / "data").rglob("*.yml"))
    if not files:
        raise ModelError("there are no training files under data/")
    return sum(len(_examples(read(root, path))) for path in files)


def read(root: Path, path: Path) -> Any:
    """One file as plain dicts and lists. Raises `ModelError` with the file's name and the line."""
    name = path.relative_to(root).as_posix()
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name} line {mark.line + 1}" if mark else name
        raise ModelError(f"{place}: not valid YAML: {error.problem}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{name}: not valid YAML: {error}") from error
    except OSError as error:
        raise ModelError(f"{name}: {error.strerror}") from error


def sentences(root: Path) -> list[tuple[str, str]]:
    """Every training example under `data/` with its intent. Raises `ModelError`."""
    return [pair for path in sorted((root / "data").rglob("*.yml")) for pair in _examples(read(root, path))]


def examples(root: Path) -> list[Sentence]:
    """Every training example under `data/` with the place where it stands. Raises `ModelError`."""
    return [found for path in sorted((root / "data").rglob("*.yml")) for found in _placed(root, path)]


def _placed(root: Path, path: Path) -> Iterator[Sentence]:
    name = path.relative_to(root).as_posix()
    loader = YAML(typ="safe", pure=True)
    for entry, mapping in _entries(read(root, path), loader.compose(path.read_text(encoding="utf-8"))):
        block = next((value for key, value in mapping.value if key.value == "examples"), None)
        if block is None:
            continue
        first = block.start_mark.line + 2  # the text of a block begins below its "|"; lines count from 1
        for offset, text in _lines(entry):
            yield Sentence(text, entry["intent"], name, first + offset)


def _entries(data: Any, node: Any) -> Iterator[tuple[Any, Any]]:
    """The entries of `nlu:` that have an intent, as plain values and as nodes, which know their lines."""
    entries = data.get("nlu") if isinstance(data, dict) else None
    nodes: list[Any] = next((value.value for key, value in node.value if key.value == "nlu"), []) if entries else []
    for entry, mapping in zip(entries or [], nodes, strict=True):
        if isinstance(entry, dict) and "intent" in entry:
            yield entry, mapping


def _examples(data: Any) -> list[tuple[str, str]]:
    entries = data.get("nlu") if isinstance(data, dict) else None
    kept = [entry for entry in entries or [] if isinstance(entry, dict) and "intent" in entry]
    return [(text, entry["intent"]) for entry in kept for _, text in _lines(entry)]


def _lines(entry: Any) -> Iterator[tuple[int, str]]:
    """(line of the block, text): Rasa writes examples as one text block, a line that begins with "- " for each."""
    for number, line in enumerate(str(entry.get("examples")).splitlines()):
        if line.lstrip().startswith("- "):
            yield number, line.strip().removeprefix("- ")
