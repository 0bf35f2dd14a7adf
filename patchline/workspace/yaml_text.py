"""YAML files as text that is changed in one place: comments, order and quoting of all the rest stay. Pure."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from patchline.workspace import validity

_NEVER = "\ufeff\ufffe\uffff\x7f"


def load(path: str, text: str) -> Any:
    """The file's nodes. Raises `Invalid` with the line."""
    validity.read(path, text.encode())
    return _yaml().load(text)


def dump(node: Any) -> str:
    """The text of nodes that `load` gave; what was not changed is written as it stood."""
    stream = io.StringIO()
    _yaml().dump(node, stream)
    return stream.getvalue()


def block(text: str, like: Any = None) -> str:
    """A text of several lines as YAML shows it best (`|`), and a short one as it was written before (`like`)."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if isinstance(like, LiteralScalarString):
        return LiteralScalarString(text + ("\n" if like.endswith("\n") else ""))
    if "\n" in text:
        return LiteralScalarString(f"{text}\n")
    return type(like)(text) if isinstance(like, str) else text


def one_line(text: str) -> str:
    """A text on one line, without what YAML cannot hold.

    >>> one_line("  is it\\nsafe?\\x00 ")
    'is it safe?'
    """
    return " ".join(
        "".join(letter for letter in text if letter.isspace() or (letter >= " " and letter not in _NEVER)).split()
    )


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # lines are never folded
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))
    return yaml
