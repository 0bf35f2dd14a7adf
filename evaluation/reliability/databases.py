"""The databases of a run, and the ways in which they are away. Each way is a context; all is well after it."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import psutil
import sqlalchemy as sa

from evaluation.reliability.records import Key, Ticket
from patchline.escalation.tables import ticket_messages, tickets
from patchline.gateway.tables import messages
from tests.postgres import Postgres

STARTING_S = 40.0
PAGE = 4096  # bytes: room for a small file, and for no write of a database


class Users(Protocol):
    """Who uses the database."""

    lock: threading.RLock  # while it is held, nobody is killed or started by the run

    def programs(self) -> list[psutil.Process]: ...


Outage = Callable[[Users], AbstractContextManager[None]]


class Database(Protocol):
    """A database of one kind. `outages`: by name, how it is taken away and given back."""

    name: str
    outages: dict[str, Outage]

    def url(self, folder: Path) -> str:
        """Where it is, for an installation in this folder."""

    def version(self) -> str: ...

    def close(self) -> None: ...


def tickets_in(url: str) -> list[Ticket]:
    """The ticket of each flagged message, also of those that joined another's. SQLAlchemy's errors come as they are."""
    names = "conversation_id message_id reference state acknowledged_by late".split()
    known = {row.id: Ticket(*row[1:]) for row in _rows(url, tickets, ["id", *names])}
    joined = _rows(url, ticket_messages, ["ticket_id", "message_id"])
    return [*known.values(), *(replace(known[row.ticket_id], message=row.message_id) for row in joined)]


def journal_in(url: str) -> set[Key]:
    """All messages that arrived and were written down."""
    return {tuple(row) for row in _rows(url, messages, ["conversation_id", "message_id"])}


def _rows(url: str, table: sa.Table, names: list[str]) -> list[sa.engine.Row]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, hide_parameters=True)
    with engine.connect() as db:
        return db.execute(sa.select(*(table.c[name] for name in names))).all()


class Sqlite:
    """The embedded default: a file. Root may write whatever the file's rights are, so the disk is full instead."""

    name = "sqlite"

    def __init__(self) -> None:
        self.outages: dict[str, Outage] = {
            "locked by another program": self._locked,
            "files moved away and back": self._moved,
            "no room on the disk for a write": self._full,
        }
        self._file = Path()

    def url(self, folder: Path) -> str:
        self._file = folder / "patchline.db"
        return f"sqlite:///{self._file}"

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def close(self) -> None:
        pass

    @contextlib.contextmanager
    def _locked(self, users: Users) -> Iterator[None]:
        other = sqlite3.connect(self._file, isolation_level=None, timeout=20, check_same_thread=False)
        try:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
        finally:
            other.close()

    @contextlib.contextmanager
    def _moved(self, users: Users) -> Iterator[None]:
        """Nobody moves the files of a database that is being written: the programs stand still for that moment."""
        aside = self._file.parent / "aside"
        aside.mkdir()
        with users.lock, _paused(users.programs()):
            for file in self._file.parent.glob(f"{self._file.name}*"):
                file.rename(aside / file.name)
            self._file.mkdir()  # so that none can be made in its place
        try:
            yield
        finally:
            with users.lock, _paused(users.programs()):
                self._file.rmdir()
                for file in aside.iterdir():
                    file.rename(self._file.parent / file.name)
            aside.rmdir()

    @contextlib.contextmanager
    def _full(self, users: Users) -> Iterator[None]:
        """A program that has just been started is spared: without room to unpack its model, Rasa ends by itself."""
        limited = []
        for process in users.programs():
            with contextlib.suppress(psutil.NoSuchProcess):
                if time.time() - process.create_time() < STARTING_S:
                    continue
                limited.append((process, process.rlimit(psutil.RLIMIT_FSIZE)))
                process.rlimit(psutil.RLIMIT_FSIZE, (PAGE, limited[-1][1][1]))
        try:
            yield
        finally:
            for process, limits in limited:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.rlimit(psutil.RLIMIT_FSIZE, limits)


class Postgresql:
    """A real server of the run's own."""

    name = "postgresql"

    def __init__(self) -> None:
        self.server = Postgres()
        self.outages: dict[str, Outage] = {
            "stopped at once (as by -m immediate)": self._stopped,
            "server killed (SIGKILL)": self._killed,
            "server hangs (SIGSTOP)": self._hung,
        }

    def url(self, folder: Path) -> str:
        return self.server.new_database()

    def version(self) -> str:
        engine = sa.create_engine(self.server.url("postgres"), poolclass=sa.pool.NullPool)
        with engine.connect() as db:
            return f"PostgreSQL {db.exec_driver_sql('SHOW server_version').scalar()}"

    def close(self) -> None:
        self.server.remove()

    @contextlib.contextmanager
    def _stopped(self, users: Users) -> Iterator[None]:
        self.server.kill()
        try:
            yield
        finally:
            self.server.start()

    @contextlib.contextmanager
    def _killed(self, users: Users) -> Iterator[None]:
        """Its children notice and end by themselves; until then a new server would refuse to start."""
        children = psutil.Process(self.server.process.pid).children()
        self.server.process.kill()
        self.server.process.wait(20)
        _, left = psutil.wait_procs(children, timeout=10)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)
        try:
            yield
        finally:
            self.server.start()

    @contextlib.contextmanager
    def _hung(self, users: Users) -> Iterator[None]:
        root = psutil.Process(self.server.process.pid)
        with _paused([root, *root.children()]):
            yield


KINDS: dict[str, Callable[[], Database]] = {"sqlite": Sqlite, "postgresql": Postgresql}


@contextlib.contextmanager
def _paused(processes: list[psutil.Process]) -> Iterator[None]:
    stopped = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
            stopped.append(process)
    try:
        yield
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
