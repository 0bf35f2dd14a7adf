"""Whether a message is understood the same with a greeting before it, in capitals, dictated ...: `invariance.ALL`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from patchline.nlu.strata import Line
from patchline.trial.by_stratum import LEAST, RAISE, URGENT, Outcome
from patchline.trial.invariance import ALL
from patchline.trial.report import Figure
from patchline.trial.shares import Share

STRATA = ("signs", "plain", "real", "everyday", "pairs")
SAMPLE = 250  # messages a change
SAME = "same as without"
URGENT_RAISED = "emergency and crisis raised"  # of those that are raised without
ANY = "any of these"


@dataclass(frozen=True)
class Pair:
    """One message with a change: what became of it, and what becomes of it without."""

    change: str
    line: Line
    text: str  # with the change
    without: Outcome
    got: Outcome

    @property
    def same(self) -> bool:
        return self.got == self.without

    @property
    def urgent(self) -> bool:
        """An emergency or crisis that is raised without the change."""
        return self.line.tier in URGENT and self.without.outcome == RAISE


def changed(lines: Sequence[Line], changes: Mapping[str, Callable[[str], str]] = ALL) -> list[tuple[str, Line, str]]:
    """(change, message, message with the change): for each change a sample that depends on nothing but the texts."""
    chosen = [line for line in lines if line.stratum in STRATA]
    found = []
    for name, change in changes.items():
        other = [(name, line, text) for line in chosen if (text := change(line.text)) != line.text]
        found += sorted(other, key=lambda item: _arbitrary(name, item[1].text))[:SAMPLE]
    return found


def pairs(sample: Sequence[tuple[str, Line, str]], outcomes: Mapping[str, Outcome]) -> list[Pair]:
    """What became of a sample; `outcomes` by text, with the changes and without."""
    return [Pair(name, line, text, outcomes[line.text], outcomes[text]) for name, line, text in sample]


def figures(found: Sequence[Pair]) -> list[Figure]:
    """Two figures a change, and the same over all: as a stratum "with greeting", with its aims and least shares."""
    groups = {name: [pair for pair in found if pair.change == name] for name in dict.fromkeys(p.change for p in found)}
    wanted = []
    for name, members in [(ANY, list(found)), *groups.items()]:
        urgent = [pair for pair in members if pair.urgent]
        wanted.append((f"with {name}", SAME, [pair.same for pair in members]))
        wanted.append((f"with {name}", URGENT_RAISED, [pair.got.outcome == RAISE for pair in urgent]))
    return [
        Figure(stratum, figure, Share(sum(right), len(right)), LEAST.get((stratum, figure)))
        for stratum, figure, right in wanted
        if right
    ]


def _arbitrary(change: str, text: str) -> bytes:
    return hashlib.sha256(f"{change}\t{text}".encode()).digest()
