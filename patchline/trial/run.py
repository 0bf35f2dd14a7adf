"""Runs a trial in a process of its own, at idle priority, and says how far it is.

    report = run(files, out, Live(archive, live_files), questions, Progress())

`out` then holds model.tar.gz and model.json (for files that could be trained), report.json and trial.log.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import IO, Any, Protocol, cast

from patchline.lifeline import stop_with_parent
from patchline.settings import ROOT
from patchline.training import model, worker
from patchline.training.fingerprint import fingerprint
from patchline.training.model import ModelError, Record, TrainingFailed
from patchline.training.progress import Tail, indented
from patchline.training.train import DISK_IS_FULL, QUIET, end, phase
from patchline.trial.questions import Question
from patchline.trial.report import FILE

LOG = "trial.log"
MODEL = "model.tar.gz"
KILLED = "the system ended the training, most likely because memory ran out; try again when less is running"
CACHE = Path(".rasa") / "encoder"  # as in the component's settings: graphs and sentence vectors, under ROOT
LOOK_EVERY_S = 0.2
SAYS = re.compile(r" INFO patchline\.trial: (.*)")
# Linear algebra in one thread: learning divides its work among the cores by itself.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


class Shows(Protocol):
    """Where the progress is shown; `patchline.training.progress.Progress` is one."""

    def phase(self, text: str) -> None: ...

    def tick(self) -> None: ...


@dataclass(frozen=True)
class Live:
    """The model that serves: its archive, the files that it was trained from, and the content it serves with."""

    archive: Path
    files: Path
    content: Path | None = None  # None: content/ of the files


def run(
    files: Path,
    out: Path,
    live: Live | None,
    questions: Sequence[Question],
    progress: Shows,
    *,
    content: Path | None = None,
    archive: Path | None = None,
) -> dict[str, Any]:
    """The report, as JSON (see `patchline.trial.report`). `files` holds data/, content/, domain.yml, config.yml.

    `content` stands in for content/ of `files`. With `archive`, that model is tested and none is trained. Raises
    `TrainingFailed` with the end of the log, or `ModelError` for a full disk and for
    a trial that the system killed. When this process dies, the trial ends.
    """
    work = out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    content = content or files / "content"
    started = time.monotonic()
    try:
        _run_worker(_job(files, content, out, live, archive, questions), out, content, progress)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if archive is None and (out / MODEL).exists():
        model.write_record(out / MODEL, _record(files, content, out / MODEL, time.monotonic() - started))
    return json.loads((out / FILE).read_text(encoding="utf-8"))


def _job(
    files: Path, content: Path, out: Path, live: Live | None, archive: Path | None, questions: Sequence[Question]
) -> dict[str, Any]:
    serving = live and {
        "archive": str(live.archive.resolve()),
        "files": str(live.files.resolve()),
        "content": str((live.content or live.files / "content").resolve()),
    }
    return {
        "files": str(files.resolve()),
        "content": str(content.resolve()),
        "out": str(out.resolve()),
        "cache": str(ROOT / CACHE),
        "live": serving,
        "archive": str(archive.resolve()) if archive else None,
        "questions": [[item.id, item.text, item.count] for item in questions],
    }


def _run_worker(job: dict[str, Any], out: Path, content: Path, progress: Shows) -> None:
    log, work = out / LOG, (out / ".work").resolve()
    (out / FILE).unlink(missing_ok=True)
    log.write_bytes(b"")
    tail = Tail(log)
    progress.phase("starting")
    surroundings = {
        "TMPDIR": str(work),
        "RASA_CACHE_DIRECTORY": str(work / "cache"),
        "PATCHLINE_CONTENT": str(content.resolve()),
    }
    with open(log, "w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "patchline.trial.worker"],
            cwd=ROOT,
            env=os.environ | QUIET | ONE_THREAD | surroundings,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=stop_with_parent,
            text=True,
        )
    try:
        stdin = cast(IO[str], process.stdin)  # a pipe, as asked for above
        stdin.write(json.dumps(job))  # the worker reads all of it before it does anything else
        stdin.close()
        while process.poll() is None:
            _show(tail, progress)
            time.sleep(LOOK_EVERY_S)
    except BrokenPipeError:
        process.wait()
    finally:
        end(process)
    _show(tail, progress)
    if process.returncode == worker.DISK_FULL:
        raise ModelError(DISK_IS_FULL.format(folder=out))
    if process.returncode == -signal.SIGKILL:
        raise ModelError(KILLED)
    if process.returncode != 0 or not (out / FILE).exists():
        last = indented(log.read_text(encoding="utf-8", errors="replace").splitlines())
        raise TrainingFailed(f"the trial failed (exit status {process.returncode}); the end of {log}:\n{last}")


def _show(tail: Tail, progress: Shows) -> None:
    for line in tail.lines():
        said = SAYS.search(line)
        text = said[1] if said else phase(line)
        if text:
            progress.phase(text)
    progress.tick()


def _record(files: Path, content: Path, archive: Path, seconds: float) -> Record:
    return Record(
        fingerprint=fingerprint(files, content, ROOT),
        sha256=model.sha256(archive),
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 1),
        rasa=metadata.version("rasa"),
    )
