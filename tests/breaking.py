"""Ways to break a running system. Each is a context in which a part is gone; all is well again when it has ended."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from patchline.training.model import read_record, sha256, write_record
from tests.system import ACTIONS, GATEWAY, RASA, System, wait_for

PATCHLINE_DB, RASA_DB = "patchline.db", "rasa.db"
ESTABLISHED = "01"  # in /proc/net/tcp


@contextlib.contextmanager
def killed(system: System, *programs: str) -> Iterator[None]:
    """Down until the supervisor has started them again, which it does at once: Rasa needs some seconds for it."""
    for program in programs:
        system.end(program)
    try:
        yield
    finally:
        system.wait_until_back()


@contextlib.contextmanager
def hung(system: System, *programs: str) -> Iterator[None]:
    """They take connections and say nothing. Afterwards they go on with what they have got meanwhile."""
    with paused(system, *programs):
        yield
    system.wait_until_back()


@contextlib.contextmanager
def paused(system: System, *programs: str) -> Iterator[None]:
    processes = [system.program(program) for program in programs]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def locked(system: System, *databases: str) -> Iterator[None]:
    """Another program holds the write lock."""
    with contextlib.ExitStack() as stack:
        for name in databases:
            other = sqlite3.connect(system.folder / name, isolation_level=None, timeout=10)
            stack.callback(other.close)
            other.execute("BEGIN IMMEDIATE")
            stack.callback(other.execute, "ROLLBACK")
        yield


@contextlib.contextmanager
def full(system: System, *programs: str, room: int) -> Iterator[None]:
    """The operating system lets no file of these programs grow beyond `room` bytes, as it would on a full disk.

    With room for a page the spool still has its small files; without any, nothing can be written at all.
    """
    before = {process: process.rlimit(psutil.RLIMIT_FSIZE) for process in map(system.program, programs)}
    for process, (_, hard) in before.items():
        process.rlimit(psutil.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.rlimit(psutil.RLIMIT_FSIZE, limits)


@contextlib.contextmanager
def moved_away(system: System) -> Iterator[None]:
    """The database's files are elsewhere, and none can be made in their place."""
    elsewhere = system.folder / "elsewhere"
    elsewhere.mkdir()
    with paused(system, GATEWAY, ACTIONS):  # nobody moves the files of a database that is being written
        for file in _files(system):
            file.rename(elsewhere / file.name)
        system.database.mkdir()
    try:
        yield
    finally:
        with paused(system, GATEWAY, ACTIONS):
            system.database.rmdir()
            for file in elsewhere.iterdir():
                file.rename(system.folder / file.name)
        elsewhere.rmdir()


@contextlib.contextmanager
def removed(system: System) -> Iterator[None]:
    """The database's files are deleted. The gateway makes a new database by itself."""
    with paused(system, GATEWAY, ACTIONS):
        for file in _files(system):
            file.unlink()
    yield
    wait_for(lambda: _has_tickets(system))


@contextlib.contextmanager
def without_model(system: System) -> Iterator[None]:
    """Rasa was ended, and there is no model for it to start with until the end of the context."""
    aside, record = system.archive.with_name("aside.tar.gz"), read_record(system.archive)
    system.archive.rename(aside)
    try:
        system.end(RASA)
        yield
    finally:
        aside.replace(system.archive)
        write_record(system.archive, record)
        with contextlib.suppress(LookupError, psutil.NoSuchProcess):
            system.end(RASA)  # whatever it runs with, or tries to
        system.wait_until_back()


def serve(system: System, archive: Path) -> None:
    """Have Rasa start with another model. Inside of `without_model`, which puts the right one back.

    Its record fits it: a model that is only damaged is not loaded at all.
    """
    shutil.copy(archive, system.archive.with_name("new.tar.gz"))
    os.replace(system.archive.with_name("new.tar.gz"), system.archive)
    write_record(system.archive, replace(read_record(system.archive), sha256=sha256(system.archive)))
    with contextlib.suppress(LookupError, psutil.NoSuchProcess):
        system.end(RASA)


def model_that_says(text: str, system: System, target: Path) -> Path:
    """The system's model with other content: whatever it understands, it answers `text`, under the right topic."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(system.archive) as archive:
            archive.extractall(folder, filter="data")
        path = Path(folder, "metadata.json")
        about = json.loads(path.read_text(encoding="utf-8"))
        about["domain"]["responses"] = {name: [{"text": text}] for name in about["domain"]["responses"]}
        path.write_text(json.dumps(about), encoding="utf-8")
        with tarfile.open(target, "w:gz", compresslevel=0) as archive:
            for part in Path(folder).iterdir():
                archive.add(part, part.name)
    return target


def waiting_at(port: int) -> int:
    """How many connections to a port of the loopback hold bytes that the program behind it has not read."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = [row for row in rows if int(row[1].rpartition(":")[2], 16) == port and row[3] == ESTABLISHED]
    return sum(int(row[4].rpartition(":")[2], 16) > 0 for row in here)


def rows(system: System, query: str, *values: str, database: str = PATCHLINE_DB) -> list[tuple]:
    """What stands in one of the system's databases."""
    address = f"{(system.folder / database).as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
        return connection.execute(query, values).fetchall()


def _files(system: System) -> list[Path]:
    return sorted(system.folder.glob(f"{PATCHLINE_DB}*"))


def _has_tickets(system: System) -> bool:
    return system.database.exists() and rows(system, "SELECT 1 FROM sqlite_master WHERE name = 'tickets'") != []
