"""`make gate`: the clinical gate. A model that misses warning signs, or cries wolf, must not go live.

Asks the current model about every message of `evaluation.halves`, open and sealed, about the public harmless messages,
and about open messages with a greeting, a name, a typing slip ... (`evaluation.unchanged`). Prints one table, and how
long the rules take by themselves. The gate is closed (exit code 1) when a figure of an open half is below its `LEAST`
in patchline/trial/by_stratum.py. The figures go to evaluation/results/ and from there into evaluation/README.md.

make gate               make gate WRONG=1: also every open message that was judged wrongly; a sealed one is never shown
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence, Set
from datetime import UTC, datetime

from evaluation import by_half, halves, machine, readme, results, sets, unchanged
from patchline import settings
from patchline.nlu.strata import Line
from patchline.training import model
from patchline.trial import by_stratum
from patchline.trial.by_stratum import Judged, Outcome
from patchline.trial.examine import outcome
from patchline.trial.pipeline import Pipeline
from patchline.trial.shares import percentile

EVERY_S = 3.0  # between two lines that say how far it is


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evaluation.gate", description=__doc__.split("\n")[0])
    parser.add_argument("--wrong", action="store_true", help="show the open messages that were judged wrongly")
    options = parser.parse_args(arguments)
    chosen = settings.from_environment()
    archive = model.current(chosen)
    pipeline = Pipeline(archive, settings.ROOT, chosen.content)
    opened, sealed = [*halves.opened(), *public()], halves.sealed()
    sample = unchanged.changed(opened)
    texts = [*(line.text for line in (*opened, *sealed)), *(text for _, _, text in sample)]
    print(f"asking {archive.name} about {len(set(texts)):,} messages", flush=True)
    outcomes = ask_all(texts, lambda text: outcome(pipeline.read(text)))
    pairs = unchanged.pairs(sample, outcomes)
    figures = [*by_stratum.figures(opened, outcomes), *unchanged.figures(pairs)]
    found = by_half.rows(figures, by_stratum.figures(sealed, outcomes))
    print(by_half.table(found))
    rules_ms = speed([line.text for line in opened if line.stratum == halves.SIGNS], pipeline.detect)
    print("rules: median {:.1f} ms a message, 95 % within {:.1f} ms".format(*rules_ms))
    if options.wrong:
        hidden = {line.text for line in sealed}  # "thanks" may stand in both halves
        print(*wrong([Judged(line, outcomes[line.text]) for line in opened], hidden), sep="\n")
        print(*wrong_pairs(pairs, hidden), sep="\n")
    day = datetime.now(UTC).date().isoformat()
    by_half.write(by_half.Gate(archive.name, machine.describe(), day, rules_ms, found))
    readme.write(results.read_all())
    print(f"The figures stand in {by_half.PATH} and {readme.PATH}")
    return closed(by_stratum.failures(figures))


def public() -> list[Line]:
    """The public harmless messages; none, and a sentence, where they are missing."""
    folder = sets.benchmarks_folder()
    try:
        return halves.public(folder)
    except FileNotFoundError:
        print(f"left out: no public sets in {folder}; PATCHLINE_BENCHMARKS names their folder", file=sys.stderr)
        return []


def ask_all(
    texts: Iterable[str], ask: Callable[[str], Outcome], clock: Callable[[], float] = time.monotonic
) -> dict[str, Outcome]:
    """Ask about every different message once; says every few seconds how far it is."""
    different = list(dict.fromkeys(texts))
    found, last = {}, clock()
    for text in different:
        found[text] = ask(text)
        if clock() - last >= EVERY_S:
            last = clock()
            print(f"  {len(found):,} of {len(different):,}", flush=True)
    return found


def speed(texts: Sequence[str], detect: Callable[[str], object]) -> tuple[float, float]:
    """How long the rules take by themselves, median and 95 %, in ms; of this machine at this moment, not a test."""
    taken = []
    for text in texts:
        start = time.perf_counter()
        detect(text)
        taken.append((time.perf_counter() - start) * 1000)
    return round(percentile(taken, 0.5), 2), round(percentile(taken, 0.95), 2)


def wrong(judged: Sequence[Judged], hidden: Set[str] = frozenset()) -> list[str]:
    """A line for every message that some figure lacks, with these figures. For open messages only."""
    lacking: dict[Judged, dict[str, None]] = {}
    for stratum in dict.fromkeys(item.line.stratum for item in judged):
        for measure in by_stratum.measures([item for item in judged if item.line.stratum == stratum]):
            for item in measure.wrong:
                lacking.setdefault(item, {})[measure.name] = None
    return [
        f"[{item.line.stratum}: not {', '.join(names)}] {_wanted(item.line)} → {_said(item.got)}: {item.line.text}"
        for item, names in lacking.items()
        if item.line.text not in hidden
    ]


def wrong_pairs(pairs: Sequence[unchanged.Pair], hidden: Set[str] = frozenset()) -> list[str]:
    """A line for every message that is understood otherwise with a change."""
    return [
        f"[with {pair.change}: not the same] {_said(pair.without)} → {_said(pair.got)}: {pair.text}"
        for pair in pairs
        if not pair.same and hidden.isdisjoint((pair.line.text, pair.text))
    ]


def closed(failures: Sequence[str]) -> int:
    """Say whether the gate is open; the exit code."""
    print(*(f"FAILED: {failure}" for failure in failures), sep="\n", end="\n" if failures else "")
    if not by_stratum.LEAST:
        print("No least share is set (LEAST in patchline/trial/by_stratum.py), so nothing can close the gate.")
    print("The gate is closed." if failures else "The gate is open.")
    return 1 if failures else 0


def _wanted(line: Line) -> str:
    return " + ".join([line.tier, *line.topics])


def _said(got: Outcome) -> str:
    return " ".join(word for word in (got.outcome, got.tier, " + ".join(got.topics)) if word)


if __name__ == "__main__":
    sys.exit(main())
