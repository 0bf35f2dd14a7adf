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


def with_item(path: str, text: str, key: str, place: int, item: Any | None, *, new: bool = False) -> str:
    """A file's text with another `item` at `place` of the list under `key`; None takes it away, `new` puts it before.

    Only the lines of this item are touched: what somebody noted above the next one stays above the next one.
    """
    node = load(path, text)
    items: Any = node.get(key) or []
    if len(items) < 1 + (item is None) or items.fa.flow_style():
        items = list(items)
        items[place : place + (not new)] = [] if item is None else [item]
        node[key] = items
        return dump(node)
    lines = text.splitlines(keepends=True)
    lines[-1] = f"{lines[-1].rstrip()}\n"
    first, end = _lines_of(node, key, place, lines)
    dash = " " * (items.lc.item(0)[1] - len("- "))
    written = [] if item is None else [f"{dash}{line}\n" for line in dump([item]).splitlines()]
    lines[first : first if new else end] = written
    return "".join(lines)


def _lines_of(node: Any, key: str, place: int, lines: list[str]) -> tuple[int, int]:
    """The first line of an item (counted from 0), and the line after its last; one past the items is where one more
    goes.
    """
    starts = [node[key].lc.item(number)[0] for number in range(len(node[key]))]
    keys = [node.lc.key(other)[0] for other in node]
    after = min((line for line in keys if line > starts[-1]), default=len(lines))
    ends = [_without_notes(lines, start, end) for start, end in zip(starts, [*starts[1:], after], strict=True)]
    return (starts[place], ends[place]) if place < len(starts) else (ends[-1], ends[-1])


def _without_notes(lines: list[str], start: int, end: int) -> int:
    """Where an item ends that goes on to `end` at most: comments and gaps before the next one are not its own."""
    while end > start + 1 and lines[end - 1].strip()[:1] in ("", "#"):
        end -= 1
    return end


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
    yaml: Any = YAML()  # it types what is set here as None
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # lines are never folded
    yaml.representer.add_representer(type(None), lambda to, _: to.represent_scalar("tag:yaml.org,2002:null", "null"))
    return yaml
