"""One peer on one set in a process of its own, so that time and memory are its own: `python -m evaluation.worker`.

Started by `evaluation.measure`; progress goes to standard error, what was measured to a JSON file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import zlib
from pathlib import Path

from evaluation import peers, sets
from evaluation.scores import OUT


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation.worker")
    parser.add_argument("peer", choices=peers.NAMES)
    parser.add_argument("data", type=Path, help="the data set, as `DataSet.to_json` writes it, packed")
    parser.add_argument("answers", type=Path, help="the JSON file to write")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    arguments = parser.parse_args()
    data = sets.from_json(zlib.decompress(arguments.data.read_bytes()).decode())
    with tempfile.TemporaryDirectory(prefix="patchline-evaluation-") as work:
        out = OUT if data.trained_out else None
        adapted = data.name == sets.DEV  # elsewhere it would know more than the examples that it is given
        options = peers.Options(out, arguments.cache.resolve(), Path(work), arguments.epochs, adapted)
        arguments.answers.write_text(json.dumps(measure(arguments.peer, data, options)))


def measure(peer: str, data: sets.DataSet, options: peers.Options) -> dict[str, object]:
    """Train and answer; {seconds, memory_mb, answers: [[label, score, ms], ...] in the order of the test messages}."""
    start = time.perf_counter()
    predictor = peers.load(peer).train([m.text for m in data.train], [m.label for m in data.train], options)
    seconds = time.perf_counter() - start
    answers = predictor.predict([m.text for m in data.test])
    return {
        "seconds": predictor.training_seconds() or seconds,
        "memory_mb": predictor.memory_mb(),
        "answers": [[answer.label, answer.score, answer.ms] for answer in answers],
    }


if __name__ == "__main__":
    main()
