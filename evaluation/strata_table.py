"""The figures by stratum as Markdown: the product's own, and beside the peers'. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evaluation import by_half, halves
from evaluation.by_half import Gate
from evaluation.results import Result
from evaluation.sets import SMALL, STRATA
from evaluation.strata_set import FEW, FIGURES, PEERS
from evaluation.table import FULL_EPOCHS, NONE, percent, table
from patchline.nlu import strata
from patchline.nlu.labels import SPANISH
from patchline.trial.shares import Share

HEAD = ["stratum", "figure", "open n", "open (95 %)", "sealed n", "sealed (95 %)", "aim", "least"]
COMPARED = [halves.SIGNS, *(name for name in strata.NAMES if name != SPANISH), halves.PUBLIC]


def render(gate: Gate | None, results: Iterable[Result]) -> str:
    """Both tables. `gate`: None when `make gate` was never run."""
    peers = {result.peer: result for result in results if result.set == STRATA}
    return "\n\n".join(
        [
            "## By stratum",
            own(gate) if gate else "Not measured yet: run `make gate`.",
            "### Beside the peers: open, sealed and public messages together, % (95 %)",
            beside(gate, peers),
            provenance(peers),
        ]
    )


def own(gate: Gate) -> str:
    """Every figure of the gate, and where it was measured."""
    rows = ([*cells[:3], _joined(*cells[3:5]), cells[5], _joined(*cells[6:8]), *cells[8:]] for cells in _cells(gate))
    median, slow = gate.rules_ms
    note = f"The rules by themselves: median {median:.1f} ms a message, 95 % within {slow:.1f} ms."
    return f"{table(HEAD, rows)}\n\n{gate.model} on {gate.machine}, {gate.measured}. {note}"


def beside(gate: Gate | None, peers: Mapping[str, Result]) -> str:
    """The figures that a peer has too, a row a figure and stratum."""
    by_peer = {name: _counts(result) for name, result in peers.items()}
    rows = []
    for figure in FIGURES:
        for stratum in COMPARED:
            row = gate.row(stratum, figure) if gate else None
            shares = [row.both if row else None, *(by_peer.get(peer, {}).get((stratum, figure)) for peer in PEERS)]
            if any(shares):
                count = next(str(share.of) for share in shares if share) if _same(figure) else NONE
                rows.append([figure, stratum, count, *map(_share, shares)])
    head = ["figure", "stratum", "n", "patchline", *(_name(peer, peers.get(peer)) for peer in PEERS)]
    return table(head, rows) if rows else "Not measured yet."


def provenance(peers: Mapping[str, Result]) -> str:
    """On how many examples each peer was trained, when and where; and which are missing."""
    lines = [
        f"- {peer}: trained on {found.examples:,} examples in {found.training_s:.0f} s, "
        f"{found.p50_ms:.1f} / {found.p95_ms:.1f} ms a message (p50 / p95); "
        f"{found.version}; {found.machine}; {found.measured}"
        for peer in PEERS
        if (found := peers.get(peer))
    ]
    lines += [f"- Not measured yet: {peer}" for peer in PEERS if peer not in peers]
    return "\n".join(lines)


def _cells(gate: Gate) -> Iterable[Sequence[str]]:
    return (by_half.cells(row) for row in gate.rows)


def _joined(share: str, interval: str) -> str:
    return NONE if share == NONE else f"{share.removesuffix('%')} ({interval})"


def _counts(result: Result) -> dict[tuple[str, str], Share]:
    return {(stratum, name): Share(right, of) for stratum, name, right, of in result.scores["figures"]}


def _same(figure: str) -> bool:
    """Whether the figure counts the same messages whoever answers: not so for the tier of those raised."""
    return not figure.startswith("tier")


def _share(share: Share | None) -> str:
    return f"{percent(share.share)} ({percent(share.low)}–{percent(share.high)})" if share else NONE


def _name(peer: str, result: Result | None) -> str:
    limits = [f"{SMALL} examples a topic"] if peer in FEW else []
    if peer in FEW and result and result.epochs != FULL_EPOCHS:
        limits.append(f"{result.epochs} epochs")
    return f"{peer} ({', '.join(limits)})" if limits else peer
