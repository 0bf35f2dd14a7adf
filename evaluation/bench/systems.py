"""The two systems: how each is trained, started, asked for the first time and stopped."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evaluation import machine, tree
from evaluation.bench import client, default_project
from evaluation.measure import CACHE, tail
from evaluation.progress import Line
from evaluation.sets import ROOT

FOLDER = CACHE / "bench"
START_LIMIT_S = 300.0
TRAIN_LIMIT_S = 5 * 3600.0


class BenchError(Exception):
    """A system could not be trained or started; the message holds the end of its log."""


@dataclass(frozen=True)
class System:
    """How to start one of the two; its model is trained already."""

    name: str  # as in `client.PATIENTS`
    command: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path  # to start it in
    port: int
    training_s: float
    epochs: int | None  # of the parts that train in epochs


def patchline(line: Line) -> System:
    """The product with a model and a database of its own under `.cache/bench`; always trained anew, it is quick."""
    ports = free_ports(3)
    env = {
        "PATCHLINE_VAR": str(FOLDER / "var"),
        "PATCHLINE_MODELS": str(FOLDER / "models"),
        "PATCHLINE_RATE_LIMIT": "off",
        **dict(zip(("PATCHLINE_PORT", "PATCHLINE_RASA_PORT", "PATCHLINE_ACTIONS_PORT"), map(str, ports), strict=True)),
    }
    program = str(Path(sys.executable).with_name("patchline"))
    seconds = timed([program, "train", "--force"], ROOT, env, "patchline.train", line)
    return System("patchline", (program, "run"), env, ROOT, ports[0], seconds, None)


def default(line: Line, epochs: int) -> System:
    """Rasa's default project; its model and the seconds of its training are kept, because they take very long."""
    draft = FOLDER / "default.draft"
    shutil.rmtree(draft, ignore_errors=True)
    folder = FOLDER / f"default-{default_project.write(ROOT, draft, epochs)}"
    record = folder / "training.json"  # written last, so a training that was cut short is begun again
    if not record.exists():
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
        command = [sys.executable, "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "default"]
        seconds = timed(command, folder, {}, "default.train", line)
        if not (folder / "models" / "default.tar.gz").exists():  # Rasa's command may end with 0 all the same
            raise BenchError(f"Rasa's default project was not trained:\n{tail(FOLDER / 'default.train.log', 12)}")
        record.write_text(json.dumps({"seconds": seconds}))
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port)]
    command += ["--model", "models/default.tar.gz"]
    return System("default", tuple(command), {}, folder, port, json.loads(record.read_text())["seconds"], epochs)


def start(system: System, question: str) -> tuple[subprocess.Popen[bytes], float]:
    """Start a system; (its process, seconds from the command to the first answer). Raises `BenchError`."""
    begun = time.perf_counter()
    log = FOLDER / f"{system.name}.run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            system.command, cwd=system.folder, env=environment(system.env), stdout=output, stderr=subprocess.STDOUT
        )
    while time.perf_counter() - begun < START_LIMIT_S and process.poll() is None:
        if answers(system, question):
            return process, time.perf_counter() - begun
        time.sleep(0.1)
    tree.stop(process.pid)
    raise BenchError(f"{system.name} did not answer within {START_LIMIT_S:.0f} s; the end of {log}:\n{tail(log, 12)}")


def answers(system: System, question: str) -> bool:
    """Does it answer a real question now? A gateway that is up before Rasa answers with topic `fallback`: not yet."""
    patient = client.PATIENTS[system.name](system.port)
    with suppress(client.Unanswered, OSError, http.client.HTTPException):
        patient.begin()
        return patient.ask(question) != client.FALLBACK
    return False


def timed(command: Sequence[str], folder: Path, env: Mapping[str, str], name: str, line: Line) -> float:
    """Run a training; its seconds. Raises `BenchError` when it fails or takes longer than `TRAIN_LIMIT_S`."""
    log, begun = FOLDER / f"{name}.log", time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment(env), stdout=output, stderr=subprocess.STDOUT)
    try:
        while process.poll() is None and time.perf_counter() - begun < TRAIN_LIMIT_S:
            line.show(f"{time.perf_counter() - begun:4.0f} s  {tail(log, 1)}")
            time.sleep(0.2)
    finally:
        if process.poll() is None:
            tree.stop(process.pid)
            process.wait()
    if process.returncode != 0:
        raise BenchError(f"{' '.join(command[1:])} ended with code {process.returncode}:\n{tail(log, 12)}")
    return time.perf_counter() - begun


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **machine.QUIET, **extra}


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports
