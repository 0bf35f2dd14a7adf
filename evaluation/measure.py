"""Measure one peer on one set: start the worker, show how far it is, score what it answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

from evaluation import machine, results, scores, strata_set, tree
from evaluation.messages import near_twins
from evaluation.progress import Line
from evaluation.sets import ROOT, STRATA, DataSet
from patchline.trial.shares import percentile

CACHE = ROOT / ".cache"
LIMIT_S = 6 * 3600  # no peer needs longer; DIET on the largest set needs about one hour on one thread


class PeerFailed(Exception):
    """The worker ended without answers; the message holds the end of its log."""


def measure(data: DataSet, peer: str, epochs: int, line: Line) -> results.Result:
    """Run `evaluation.worker` and score its answers. Raises `PeerFailed`."""
    folder = CACHE / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{data.name}.{peer}.log"
    with tempfile.TemporaryDirectory(prefix="patchline-evaluation-") as exchange:  # sealed messages are not kept
        given, answers = Path(exchange, "data"), Path(exchange, "answers.json")
        given.write_bytes(zlib.compress(data.to_json().encode()))  # what is scored, whoever edits a file meanwhile
        command = [sys.executable, "-m", "evaluation.worker", peer, str(given), str(answers)]
        command += ["--cache", str(CACHE), "--epochs", str(epochs)]
        run(command, log, line)
        if not answers.exists():
            raise PeerFailed(f"{peer} on {data.name} gave no answers; the end of {log}:\n{tail(log, 12)}")
        return scored(data, peer, epochs, json.loads(answers.read_text()))


def run(command: list[str], log: Path, line: Line) -> None:
    """Run a command on one thread with its output in `log`, and show the log's last line until it ends."""
    env = os.environ | machine.ONE_THREAD | machine.QUIET
    start = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None and time.monotonic() - start < LIMIT_S:
                line.show(f"{time.monotonic() - start:4.0f} s  {tail(log, 1)}")
                time.sleep(0.5)
        finally:
            if process.poll() is None:
                tree.stop(process.pid)
                process.wait()


def tail(log: Path, count: int) -> str:
    """The last lines of a log; a progress bar that rewrites its line counts as one line."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        text = file.read().decode("utf-8", "replace").rstrip()
    return "\n".join(part.rsplit("\r", 1)[-1] for part in text.splitlines(keepends=False)[-count:]) if text else ""


def scored(data: DataSet, peer: str, epochs: int, measured: dict) -> results.Result:
    """The result of a worker's answers, which stand in the order of the test messages."""
    truth = [message.label for message in data.test]
    labels, sureness, times = zip(*measured["answers"], strict=True)
    if data.name == STRATA:
        found = strata_set.scores(data.test, labels)
    else:
        found = scores.all_scores(truth, labels, sureness, data.trained_out)
    if data.trained_out and data.name != STRATA:
        new = [index for index, twin in enumerate(near_twins(data.train, data.test)) if not twin]
        found |= scores.on_new_words(truth, labels, new)
    return results.Result(
        set=data.name,
        peer=peer,
        fingerprint=results.fingerprint(data.fingerprint, peer, epochs),
        version=results.peers.load(peer).version(),
        epochs=epochs,
        machine=machine.describe(),
        measured=datetime.now(UTC).date().isoformat(),
        examples=len(data.train),
        training_s=round(measured["seconds"], 2),
        memory_mb=round(measured["memory_mb"], 1),
        p50_ms=round(percentile(times, 0.50), 3),
        p95_ms=round(percentile(times, 0.95), 3),
        scores=found,
    )
