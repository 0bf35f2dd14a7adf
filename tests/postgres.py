"""A PostgreSQL server of the tests' own: started from the installed programs, on a socket in a folder of its own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

MISSING = "PostgreSQL is not installed here (apt-get install postgresql); its tests are left out"
# Nothing that was committed may be lost when the server is killed; a power cut is another thing.
_FAST = "fsync=off full_page_writes=off shared_buffers=32MB listen_addresses=".split()


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Postgres:
    """One server. `stop` and `start` take it away and give it back with its data, `kill` without any warning."""

    def __init__(self) -> None:
        self.bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="patchline-pg-"))
        self.account = _account()
        self.process: subprocess.Popen | None = None
        self._numbers = itertools.count(1)
        if self.account:
            shutil.chown(self.folder, self.account)
        self._run("initdb", "-D", "data", "-U", "patchline", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def url(self, database: str) -> str:
        return f"postgresql://patchline@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        with self._admin().connect() as db:
            db.exec_driver_sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = sa.engine.make_url(url).database
        with self._admin().connect() as db:
            db.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")

    def start(self) -> None:
        options = [part for option in _FAST for part in ("-c", option)]
        command = [str(self.bin / "postgres"), "-D", "data", "-k", str(self.folder), *options]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=self.folder, stdout=log, stderr=log, user=self.account, group=self._group()
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                with self._admin().connect():
                    return
            except sa.exc.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(2)  # SIGINT: a fast shutdown
        self.process.wait(20)

    def kill(self) -> None:
        self.process.send_signal(3)  # SIGQUIT: at once, and its children with it
        self.process.wait(20)

    def remove(self) -> None:
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _admin(self) -> sa.engine.Engine:
        return sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, user=self.account, group=self._group()
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")

    def _group(self) -> int | None:
        return pwd.getpwnam(self.account).pw_gid if self.account else None


def _account() -> str | None:
    """PostgreSQL refuses to run as root; then another account runs it."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
