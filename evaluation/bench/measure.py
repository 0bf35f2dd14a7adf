"""One system under load: start, first answer, warm-up, the loads, memory, stop; and the figures of several rounds."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evaluation import tree
from evaluation.bench import systems
from evaluation.bench.client import Job
from evaluation.progress import Line
from evaluation.sets import ROOT
from patchline.trial.shares import percentile


@dataclass(frozen=True)
class Plan:
    """How much is asked."""

    questions: tuple[str, ...]
    loads: tuple[tuple[int, int], ...] = ((1, 300), (8, 400), (32, 600))  # (patients at once, messages)
    seconds: float = 60.0  # at most, for each load
    warm_up: int = 30  # messages before the loads, not counted
    turns: int = 10  # messages in one conversation


@dataclass(frozen=True)
class Round:
    """What one start of one system gave."""

    start_s: float
    load_average: float  # of the machine when the system began to answer
    outcomes: dict[str, dict[str, Any]]  # patients -> outcome of `client`, with "cpu_s" of the system meanwhile
    memory: tree.Usage


def one_round(system: systems.System, plan: Plan, line: Line) -> Round:
    """Start the system, ask, and stop it whatever happens."""
    line.show("starting")
    process, start_s = systems.start(system, plan.questions[0])
    try:
        load_average = os.getloadavg()[0]
        line.show(f"first answer after {start_s:.1f} s; warm-up")
        ask(Job(system.name, system.port, 1, plan.warm_up, plan.seconds, plan.turns, plan.questions))
        outcomes = {}
        for patients, messages in plan.loads:
            line.show(f"{messages} messages of {patients} patients at once")
            before = tree.usage(process.pid).cpu_s
            job = Job(system.name, system.port, patients, messages, plan.seconds, plan.turns, plan.questions)
            outcomes[str(patients)] = ask(job) | {"cpu_s": tree.usage(process.pid).cpu_s - before}
        return Round(start_s, load_average, outcomes, tree.usage(process.pid))
    finally:
        line.show("stopping")
        tree.stop(process.pid)
        process.wait()


def ask(job: Job) -> dict[str, Any]:
    """Run a job in a process of its own; its `Outcome` as a dict. Raises `BenchError`."""
    limit = job.seconds + 120
    command = [sys.executable, "-m", "evaluation.bench.client"]
    done = subprocess.run(
        command, input=json.dumps(asdict(job)), capture_output=True, text=True, cwd=ROOT, timeout=limit
    )
    if done.returncode != 0:
        raise systems.BenchError(f"the load's process ended with code {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def figures(system: systems.System, rounds: Sequence[Round]) -> dict[str, Any]:
    """The figures of one system: latencies of all rounds together, medians of what there is once a round."""
    last = max(rounds, key=lambda item: item.memory.megabytes).memory
    return {
        "loads": {key: load_figures([item.outcomes[key] for item in rounds]) for key in rounds[0].outcomes},
        "start_s": round(statistics.median(item.start_s for item in rounds), 2),
        "memory_mb": last.megabytes,
        "memory_by_process": last.by_process,
        "training_s": round(system.training_s, 1),
        "epochs": system.epochs,
    }


def load_figures(outcomes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Percentiles, throughput and mistakes of one load over all rounds.

    >>> load_figures([{"latencies_ms": [10.0, 20.0], "seconds": 0.1, "errors": {}, "fallbacks": 0, "cpu_s": 0.03}])[
    ...     "per_second"]
    20.0
    """
    times = [ms for outcome in outcomes for ms in outcome["latencies_ms"]] or [float("inf")]
    answered = sum(len(outcome["latencies_ms"]) for outcome in outcomes)
    return {
        "p50_ms": percentile(times, 0.50),
        "p95_ms": percentile(times, 0.95),
        "p99_ms": percentile(times, 0.99),
        "per_second": round(answered / sum(outcome["seconds"] for outcome in outcomes), 2),
        "cpu_ms": round(1000 * sum(outcome["cpu_s"] for outcome in outcomes) / max(1, answered), 1),
        "answered": answered,
        "fallbacks": sum(outcome["fallbacks"] for outcome in outcomes),
        "errors": dict(sum((Counter(outcome["errors"]) for outcome in outcomes), Counter())),
    }
