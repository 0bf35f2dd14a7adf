"""Train a model when there is no current one, and put it in its place in one step."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from patchline.lifeline import stop_with_parent
from patchline.settings import ROOT, Settings
from patchline.training import worker
from patchline.training.fingerprint import fingerprint
from patchline.training.model import (
    ModelError,
    Record,
    TrainingFailed,
    archive_path,
    damage,
    record_path,
    sha256,
    write_record,
)
from patchline.training.progress import Progress, Tail, indented
from patchline.training.sources import count_examples

QUIET = {  # for every process that loads Rasa
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}
DISK_IS_FULL = "the disk is full: the model could not be written to {folder}; free some space and try again"


def train(settings: Settings, progress: Progress, *, force: bool = False, root: Path = ROOT) -> Path:
    """The archive of a current model; trains one if need be, or in any case with `force`.

    Raises `ModelError`: a mistake in a training file (with file and line), a failed training (with the end of its
    log), or a full disk. A training that is cut short leaves no current model and nothing that is in the way.
    """
    try:
        settings.models.mkdir(parents=True, exist_ok=True)
        with _only_one(settings.models / ".training.lock", progress):
            return _train_if_needed(settings, progress, force, root)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError(DISK_IS_FULL.format(folder=settings.models)) from error
        raise ModelError(f"the model cannot be written: {error.strerror}: {error.filename}") from error
    finally:
        progress.end()


def _train_if_needed(settings: Settings, progress: Progress, force: bool, root: Path) -> Path:
    print_ = fingerprint(root, settings.content)
    archive = archive_path(settings.models, print_)
    fault = damage(archive)
    if not fault and not force:
        progress.say(f"The model {archive.name} is current.")
        return archive
    if fault and archive.exists():
        progress.say(f"{fault[0].upper()}{fault[1:]}: it is trained again.")
    examples = count_examples(root)
    for left_over in settings.models.glob(".training-*/"):  # of a training that was killed; we hold the lock
        shutil.rmtree(left_over, ignore_errors=True)
    work = settings.models / f".training-{os.getpid()}"
    work.mkdir()
    try:
        _run_worker(settings, progress, root, work, examples)
        _put_in_place(work / "model.tar.gz", archive, print_, progress.seconds)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    progress.say(f"Trained {archive.name} from {examples:,} examples in {progress.seconds:.0f} s.")
    return archive


@contextlib.contextmanager
def _only_one(path: Path, progress: Progress) -> Iterator[None]:
    """Holds the training lock; waits for another training to end. The system frees it when its holder dies."""
    with open(path, "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress.phase("waiting for another training to end")
                progress.tick()
                time.sleep(0.5)
        yield


def _run_worker(settings: Settings, progress: Progress, root: Path, work: Path, examples: int) -> None:
    log = settings.var / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)  # only the last training's log is of use
    tail = Tail(log)
    progress.phase("loading Rasa")
    with open(log, "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "patchline.training.worker", str(root), str(work), "model"],
            cwd=root,
            env=os.environ | QUIET | {"TMPDIR": str(work), "RASA_CACHE_DIRECTORY": str(work / "cache")},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the training
            preexec_fn=stop_with_parent,
        )
    try:
        while process.poll() is None:
            _show(tail, progress, examples)
            time.sleep(0.2)
    finally:
        end(process)
    _show(tail, progress, examples)
    if process.returncode == worker.DISK_FULL:
        raise ModelError(DISK_IS_FULL.format(folder=settings.models))
    last = indented(log.read_text(encoding="utf-8", errors="replace").splitlines())
    if process.returncode != 0 or not (work / "model.tar.gz").exists():
        raise TrainingFailed(f"training failed (exit status {process.returncode}); the end of {log}:\n{last}")


def _show(tail: Tail, progress: Progress, examples: int) -> None:
    for line in tail.lines():
        text = phase(line, examples)
        if text:
            progress.phase(text)
    progress.tick()


def phase(line: str, examples: int = 0) -> str | None:
    """What a line of the training's log says of how far it is, or None.

    >>> phase("10:32:05 INFO rasa.engine.training.hooks: Starting to train component 'RulePolicy'.", 900)
    'training RulePolicy'
    """
    if worker.LOADED in line:
        return f"reading {examples:,} examples" if examples else "reading the examples"
    started = re.search(r"Starting to train component '(\w+)'", line)
    if started:
        return f"training {started[1]}"
    if worker.STORAGE in line and "Start to created model package" in line:
        return "writing the model"
    return None


def end(process: subprocess.Popen) -> None:
    """Ends a worker that still runs, as after Ctrl-C."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _put_in_place(trained: Path, archive: Path, print_: str, seconds: float) -> None:
    """First the old record goes, then the archive comes, then its record: at no time do two that differ stand there."""
    record = Record(
        fingerprint=print_,
        sha256=sha256(trained),
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 1),
        rasa=metadata.version("rasa"),
    )
    record_path(archive).unlink(missing_ok=True)
    trained.replace(archive)
    write_record(archive, record)
