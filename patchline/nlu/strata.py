"""Messages by people who saw no training data, by stratum: what models are calibrated and judged on.

`evaluation/strata/<name>.tsv` has a line a message: the tier that it needs ("none" for a harmless one, "check" where
one question is right), the topics that it asks for, what it belongs to (a form's question, the answer before, the sign
and frame of a minimal pair), and the text. The other half of each stratum is sealed (`sealed/<name>.txt`, packed so
that no search shows it by accident): it is scored, never printed, and never looked at while something is mended.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path

NAMES = ("plain", "real", "everyday", "pairs", "forms", "turns", "spanish")
NONE, VAGUE = "none", "check"
HEADER = "tier\ttopics\tabout\ttext"


@dataclass(frozen=True)
class Line:
    """One message. `tier`: "clinic", "emergency", "crisis", "check" or "none"; `topics`: full intents, often none;
    "a|b" where either answers it."""

    stratum: str
    tier: str
    topics: tuple[str, ...]
    about: str
    text: str


def read(folder: Path, name: str, sealed: bool = False) -> list[Line]:
    """The open or the sealed half of a stratum. Raises `ValueError` that names file and line."""
    path = folder / "sealed" / f"{name}.txt" if sealed else folder / f"{name}.tsv"
    raw = path.read_text(encoding="utf-8")
    rows = (zlib.decompress(base64.b64decode(raw)).decode() if sealed else raw).splitlines()
    if not rows or rows[0] != HEADER:
        raise ValueError(f"{path.name} line 1: the first line is {HEADER!r}")
    found = []
    for number, row in enumerate(rows[1:], 2):
        cells = row.split("\t")
        if len(cells) != 4:
            raise ValueError(f"{path.name} line {number}: {len(cells)} columns instead of 4")
        tier, topics, about, text = cells
        wanted = tuple(topic for topic in topics.split(",") if topic and topic != "-")
        found.append(Line(name, tier, wanted, about, text))
    return found
