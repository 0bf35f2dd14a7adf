"""`python -m evaluation` (make evaluate): measure what is missing or stale, then write the tables.

make evaluate                                   everything
make evaluate PEERS=patchline,nlpjs SETS=dev,curekart
make evaluate PEERS=patchline FORCE=1           measure again although nothing has changed
python -m evaluation --table                    only write the tables from the stored results
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from evaluation import peers, readme, results, sets
from evaluation.measure import PeerFailed, measure
from evaluation.progress import Line


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    failed = False
    if not options.table:
        runs = [(name, peer) for name in options.sets for peer in sets.peers_of(name, options.peers)]
        if not runs:
            print("Nothing to measure: the product's figures by stratum come from `make gate`.", file=sys.stderr)
        loaded = load_sets(options.sets)
        for number, (name, peer) in enumerate(runs, 1):
            if name in loaded:
                prefix = f"[{number}/{len(runs)}] {sets.TITLES[name]}, {peer}"
                failed |= not measured(sets.for_peer(loaded[name], peer), peer, options, Line(prefix))
    readme.write(results.read_all())
    print(f"The tables stand in {readme.PATH}")
    return 1 if failed else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Options from the command line; PEERS, SETS and FORCE from the environment serve `make evaluate`."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__.split("\n")[0])
    parser.add_argument("--peers", type=names_of(peers.NAMES), default=os.environ.get("PEERS") or ",".join(peers.NAMES))
    parser.add_argument("--sets", type=names_of(sets.TITLES), default=os.environ.get("SETS") or ",".join(sets.TITLES))
    parser.add_argument("--force", action="store_true", default=os.environ.get("FORCE", "") not in ("", "0"))
    parser.add_argument("--epochs", type=int, default=100, help="of DIET; fewer only to try things out (default: 100)")
    parser.add_argument("--table", action="store_true", help="measure nothing, only write the tables")
    return parser.parse_args(arguments)


def names_of(known: Sequence[str]):
    """A parser of comma-separated names; an unknown one is an error that lists the known ones."""

    def parse_names(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; choose from {', '.join(known)}")
        return names

    return parse_names


def load_sets(names: Sequence[str]) -> dict[str, sets.DataSet]:
    """The sets that can be read here; for each that cannot, a sentence."""
    loaded = {}
    for name in names:
        try:
            loaded[name] = sets.load(name)
        except sets.SetMissing as error:
            print(f"skipped: {error}", file=sys.stderr)
    return loaded


def measured(data: sets.DataSet, peer: str, options: argparse.Namespace, line: Line) -> bool:
    """Measure unless a result with the same fingerprint is stored; False when the peer failed."""
    stored = results.read(data.name, peer)
    fingerprint = results.fingerprint(data.fingerprint, peer, options.epochs)
    if stored and stored.fingerprint == fingerprint and not options.force:
        line.end(f"{stored.scores['accuracy']:.1%} right topic, measured {stored.measured}, nothing has changed since")
        return True
    line.show(f"training on {len(data.train)} messages, then {len(data.test)} to answer")
    try:
        result = measure(data, peer, options.epochs, line)
    except PeerFailed as error:
        line.end(str(error))
        return False
    results.write(result)
    readme.write(results.read_all())  # now, because the next peer may take an hour and be stopped
    share = f"{result.scores['accuracy']:.1%} right topic"
    line.end(f"{share}, trained in {result.training_s:.0f} s, {result.p50_ms:.1f} ms a message")
    return True


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped; what was measured is kept.")
