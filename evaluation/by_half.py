"""The gate's figures: each on the open and on the sealed half, beside what is wanted. Stored as counts only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.results import FOLDER, GATE
from patchline.trial.by_stratum import aim
from patchline.trial.report import Figure
from patchline.trial.shares import Share

PATH = FOLDER / GATE
NONE = "–"


@dataclass(frozen=True)
class Row:
    """One figure of one stratum."""

    stratum: str
    figure: str
    open: Share | None
    sealed: Share | None
    aim: float | None
    least: float | None

    @property
    def both(self) -> Share:
        """Open and sealed half together."""
        shares = [share for share in (self.open, self.sealed) if share]
        return Share(sum(share.right for share in shares), sum(share.of for share in shares))


@dataclass(frozen=True)
class Gate:
    """One run of the gate. `rules_ms`: median and 95 % of the rules by themselves."""

    model: str
    machine: str
    measured: str  # day, UTC
    rules_ms: tuple[float, float]
    rows: tuple[Row, ...]

    def row(self, stratum: str, figure: str) -> Row | None:
        return next((row for row in self.rows if (row.stratum, row.figure) == (stratum, figure)), None)


def rows(opened: Sequence[Figure], sealed: Sequence[Figure]) -> tuple[Row, ...]:
    """Both halves side by side, in the order of the open one."""
    found: dict[tuple[str, str], dict[str, Share]] = {}
    for half, figures in (("open", opened), ("sealed", sealed)):
        for item in figures:
            found.setdefault((item.stratum, item.name), {})[half] = item.share
    least = {(item.stratum, item.name): item.least for item in (*sealed, *opened)}
    return tuple(
        Row(*key, shares.get("open"), shares.get("sealed"), aim(*key), least[key]) for key, shares in found.items()
    )


def table(found: Sequence[Row]) -> str:
    """The figures as text for a terminal."""
    head = ["stratum", "figure", "open n", "open", "95 %", "sealed n", "sealed", "95 %", "aim", "least"]
    lines = [head, *(cells(row) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(f"{cell:{'<' if column < 2 else '>'}{widths[column]}}" for column, cell in enumerate(line)).rstrip()
        for line in lines
    )


def cells(row: Row) -> list[str]:
    """A row as words, e.g. ["real", "signs raised", "57", "98.2 %", "90.7–99.7", ...]."""
    return [row.stratum, row.figure, *_half(row.open), *_half(row.sealed), _percent(row.aim), _percent(row.least)]


def write(gate: Gate, path: Path = PATH) -> None:
    """Store the figures in place of older ones. Messages are not among them."""
    stored = [
        {
            "stratum": row.stratum,
            "figure": row.figure,
            "open": row.open and [row.open.right, row.open.of],
            "sealed": row.sealed and [row.sealed.right, row.sealed.of],
            "aim": row.aim,
            "least": row.least,
        }
        for row in gate.rows
    ]
    about = {"model": gate.model, "machine": gate.machine, "measured": gate.measured, "rules_ms": list(gate.rules_ms)}
    head = json.dumps(about, ensure_ascii=False)[:-1]
    lines = ",\n ".join(json.dumps(item) for item in stored)
    partial = path.with_suffix(".partial")
    partial.write_text(f'{head}, "rows": [\n {lines}\n]}}\n', encoding="utf-8")
    partial.replace(path)


def read(path: Path = PATH) -> Gate | None:
    """What `write` stored, or None when the gate was never run."""
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    found = tuple(_row(item) for item in data["rows"])
    return Gate(data["model"], data["machine"], data["measured"], tuple(data["rules_ms"]), found)


def _row(item: dict[str, Any]) -> Row:
    opened, sealed = (Share(*item[half]) if item[half] else None for half in ("open", "sealed"))
    return Row(item["stratum"], item["figure"], opened, sealed, item["aim"], item["least"])


def _half(share: Share | None) -> list[str]:
    if share is None:
        return [NONE, NONE, NONE]
    return [f"{share.of:,}", f"{share.share:.1%}", f"{share.low * 100:.1f}–{share.high * 100:.1f}"]


def _percent(wanted: float | None) -> str:
    return NONE if wanted is None else f"{wanted * 100:g} %"
