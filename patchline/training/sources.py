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
    return sum(_examples(read(root, path)) for path in files)


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


def _examples(data: Any) -> int:
    """Rasa writes examples as one text block: a line that begins with '- ' for each."""
    entries = data.get("nlu") if isinstance(data, dict) else None
    blocks = [entry.get("examples") for entry in entries or [] if isinstance(entry, dict) and "intent" in entry]
    return sum(line.lstrip().startswith("- ") for block in blocks for line in str(block).splitlines())
