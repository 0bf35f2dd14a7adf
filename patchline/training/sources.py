"""Reads the YAML that Rasa will read, to name file and line of a mistake before a training is begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from patchline.training.model import ModelError


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
    return [example for path in sorted((root / "data").rglob("*.yml")) for example in _examples(read(root, path))]


def _examples(data: Any) -> list[tuple[str, str]]:
    """Rasa writes examples as one text block: a line that begins with '- ' for each."""
    entries = data.get("nlu") if isinstance(data, dict) else None
    return [
        (line.strip().removeprefix("- "), entry["intent"])
        for entry in entries or []
        if isinstance(entry, dict) and "intent" in entry
        for line in str(entry.get("examples")).splitlines()
        if line.lstrip().startswith("- ")
    ]
