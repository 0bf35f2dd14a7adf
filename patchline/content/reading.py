"""Reading one YAML file of staff's: every mistake is an error that names the file and the line."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError


class ContentError(Exception):
    """Content that cannot be used; the message names file, line and field."""


def read_yaml(path: Path) -> Any:
    """Parse one YAML file, keeping line numbers. Raises `ContentError` for a missing or malformed file."""
    try:
        return YAML().load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path.name} line {line}: not valid YAML: {error.problem}") from error
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror}") from error


def check_keys(path: Path, data: Any, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()) -> None:
    """Every required key is there and filled, and no key is unknown. Raises `ContentError` naming file and line."""
    if not isinstance(data, Mapping):
        raise ContentError(f"{where(path, data)}: expected fields ({', '.join(sorted(required))})")
    for key in data:
        if key not in required | optional:
            raise ContentError(f"{where(path, data, key)}: unknown field {key!r}")
    for key in sorted(required):
        if data.get(key) in (None, "", []):
            raise ContentError(f"{where(path, data)}: the field {key!r} is missing or empty")


def where(path: Path, node: Any, key: Any = None) -> str:
    """'clinic.yml line 12': the place of a node, or of one key in it, as staff find it in an editor."""
    marks = getattr(node, "lc", None)
    if marks is None:
        return path.name
    line = marks.key(key)[0] if key is not None and marks.data and key in marks.data else marks.line
    return f"{path.name} line {line + 1}"
