"""`python -m evaluation.bench` (make bench): train both systems, start and load them in turns, write BENCHMARK.md."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from evaluation import machine, messages, readme, results
from evaluation.bench import measure, report, systems
from evaluation.progress import Line
from evaluation.scores import OUT
from evaluation.sets import ROOT
from patchline.training.fingerprint import fingerprint

RESULT = results.FOLDER / "bench.json"
PATH = Path(__file__).parent.parent / "BENCHMARK.md"
FULL_EPOCHS = 100
QUESTIONS, SEED = 60, 20


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if not options.table:
        systems.FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            bench = run(options.rounds, options.epochs, measure.Plan(questions()))
        except systems.BenchError as error:
            print(error, file=sys.stderr)
            return 1
        RESULT.write_text(json.dumps(bench, indent=1) + "\n", encoding="utf-8")
    readme.replace(PATH, report.render(json.loads(RESULT.read_text(encoding="utf-8"))))
    print(f"The tables stand in {PATH}")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2, help="starts of each system (default: 2)")
    parser.add_argument(
        "--epochs", type=int, default=FULL_EPOCHS, help="of the default project; fewer only to try things out"
    )
    parser.add_argument("--table", action="store_true", help="measure nothing, only write the table")
    return parser.parse_args(arguments)


def run(rounds: int, epochs: int, plan: measure.Plan) -> dict[str, Any]:
    """Everything that the report needs. Raises `BenchError`."""
    files = fingerprint(ROOT)
    trained = [systems.patchline(Line("training Patchline"))]
    trained.append(systems.default(Line("training Rasa's default project"), epochs))
    done: dict[str, list[measure.Round]] = {system.name: [] for system in trained}
    for number in range(1, rounds + 1):
        for system in trained:
            if fingerprint(ROOT) != files:  # Patchline would train again, and its start would look slow
                raise systems.BenchError("the training files were changed while the benchmark ran; please run it again")
            line = Line(f"round {number} of {rounds}, {system.name}")
            done[system.name].append(measure.one_round(system, plan, line))
            line.end(f"first answer after {done[system.name][-1].start_s:.1f} s")
    return {
        "systems": {system.name: measure.figures(system, done[system.name]) for system in trained},
        "machine": machine.describe(),
        "versions": f"rasa {version('rasa')}",
        "measured": datetime.now(UTC).date().isoformat(),
        "rounds": rounds,
        "load_averages": [round(item.load_average, 1) for items in done.values() for item in items],
        "questions": len(plan.questions),
        "turns": plan.turns,
        "warm_up": plan.warm_up,
        "epochs": epochs,
        "full_epochs": FULL_EPOCHS,
        "examples": len(messages.training_examples(ROOT / "data")),
        **{kind: count(kind) for kind in ("rules", "stories")},
    }


def questions() -> tuple[str, ...]:
    """The same questions in every run: drawn from the development set's topics with a fixed seed."""
    held_out = messages.questions(ROOT / "evaluation/dev/questions.yml")
    inside = [message.text for message in held_out if message.label != OUT]
    return tuple(random.Random(SEED).sample(inside, QUESTIONS))


def count(kind: str) -> int:
    """How many rules or stories the training data holds."""
    files = (YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {} for path in (ROOT / "data").rglob("*.yml"))
    return sum(len(data.get(kind) or []) for data in files)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped; nothing was written.")
