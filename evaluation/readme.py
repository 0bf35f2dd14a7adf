"""The part of a Markdown file between two markers, which belongs to a command and is not edited by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ruamel.yaml import YAML

from evaluation import by_half, strata_table, table
from evaluation.by_half import Gate
from evaluation.results import Result

PATH = Path(__file__).parent / "README.md"
PUBLISHED = Path(__file__).parent / "published.yml"
BEGIN, END = "<!-- figures: begin (written by the command, not by hand) -->", "<!-- figures: end -->"


class MarkersMissing(Exception):
    """The file has no place for the figures."""


def tables(results: Iterable[Result], gate: Gate | None) -> str:
    """What stands between the markers of evaluation/README.md for these results and the gate's figures."""
    found, published = list(results), YAML(typ="safe").load(PUBLISHED.read_text(encoding="utf-8"))
    return f"{strata_table.render(gate, found)}\n\n{table.render(found, published)}"


def write(results: Iterable[Result], path: Path = PATH) -> bool:
    """Put the tables into the README; True when that changed it."""
    return replace(path, tables(results, by_half.read()))


def replace(path: Path, inner: str) -> bool:
    """Put `inner` between the markers of `path`; True when that changed the file. Raises `MarkersMissing`."""
    text = path.read_text(encoding="utf-8")
    before, _ = split(path, text)
    after = text.partition(END)[2]
    new = f"{before}{BEGIN}\n{inner}{END}{after}"
    if new != text:
        path.write_text(new, encoding="utf-8")
    return new != text


def between(path: Path) -> str:
    """What stands between the markers of `path`. Raises `MarkersMissing`."""
    return split(path, path.read_text(encoding="utf-8"))[1]


def split(path: Path, text: str) -> tuple[str, str]:
    """(before the first marker, between the markers)"""
    before, begin, rest = text.partition(f"{BEGIN}\n")
    inner, end, _ = rest.partition(END)
    if not (begin and end):
        raise MarkersMissing(f"{path} must hold the lines {BEGIN!r} and {END!r}, in this order")
    return before, inner
