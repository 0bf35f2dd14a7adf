"""PostgreSQL's own programs for dump and restore, as the distribution has them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from patchline.privacy.errors import Failed, Refused

DEBIAN = Path("/usr/lib/postgresql")  # a folder for each version
INSTALL = "apt-get install postgresql-client"
# An entry of `pg_restore --list`: "3342; 1259 16386 TABLE public conversations patchline"
ENTRY = re.compile(r"\d+; \d+ \d+ (?P<kind>[A-Z]+(?: [A-Z]+)*) (?P<schema>\S+) (?P<name>\S+)")
LEFT_OUT = ("SCHEMA", "COMMENT", "ACL", "EXTENSION")  # of the server's, not of ours
ERROR = re.compile(r"(?:pg_dump|pg_restore|psql|<stdin>)\S*: (?:error|fatal|ERROR)?:? ?.*")


def program(name: str) -> str:
    """The path of a program; the newest, where there are several. Raises `Refused`."""
    found = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise Refused(f"{name} is not installed; it comes with PostgreSQL's client ({INSTALL}).")
    return path


def dump(url: str, target: Path, tick: Callable[[], None]) -> None:
    """The whole database of one moment, while others write. Raises `Failed`, or `Refused` without the program."""
    command = [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
    _run([*command, "--lock-wait-timeout=30s", f"--file={target}", *_database(url)], url, tick)


def tables(path: Path) -> list[tuple[str, str]]:
    """(schema, name) of every table in a dump. Raises `Refused` for a file that is not one."""
    return [(entry["schema"], entry["name"]) for entry in _entries(path) if entry["kind"] == "TABLE"]


def restore(url: str, path: Path, drop: Sequence[tuple[str, str]], tick: Callable[[], None]) -> None:
    """Replace the tables `drop` by those of the dump, in one transaction: all of it, or nothing (`Failed`)."""
    wanted = "\n".join(entry.string for entry in _entries(path) if entry["kind"] not in LEFT_OUT)
    # Words of patients pass through a pipe and no file.
    with tempfile.NamedTemporaryFile("w", prefix="patchline-list-") as chosen, tempfile.TemporaryFile() as said:
        chosen.write(wanted)
        chosen.flush()
        script = [program("pg_restore"), "--file=-", f"--use-list={chosen.name}", "--no-owner", str(path)]
        reader = subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        command = [program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", *_database(url)]
        psql = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, env=_environment(url)
        )
        whole = _pipe(
            reader, psql, [f'DROP TABLE IF EXISTS "{schema}"."{name}" CASCADE;' for schema, name in drop], tick
        )
        code = psql.wait()
        if code or not whole:
            said.seek(0)
            raise Failed(f"The database was not changed: {_why(said.read())}")


def _pipe(reader: subprocess.Popen, psql: subprocess.Popen, first: Sequence[str], tick: Callable[[], None]) -> bool:
    """Begin, `first`, the whole script, commit. False, and no commit, when any of it breaks off."""
    if psql.stdin is None or reader.stdout is None:
        raise ValueError("both programs are to be started with a pipe")
    try:
        psql.stdin.write("\n".join(["BEGIN;", *first, ""]).encode())
        while chunk := reader.stdout.read(1024 * 1024):
            psql.stdin.write(chunk)
            tick()
        whole = reader.wait() == 0
        psql.stdin.write(b"\nCOMMIT;\n" if whole else b"\nROLLBACK;\n")
        psql.stdin.close()
    except BrokenPipeError:  # psql has ended with an error
        reader.kill()
        whole = False
    finally:
        reader.stdout.close()
        reader.wait()
    return whole


def _entries(path: Path) -> list[re.Match[str]]:
    done = subprocess.run([program("pg_restore"), "--list", str(path)], capture_output=True, text=True)
    if done.returncode:
        raise Refused(
            f"The dump in this backup cannot be read by {program('pg_restore')}: {_why(done.stderr.encode())}"
        )
    return [entry for line in done.stdout.splitlines() if (entry := ENTRY.match(line))]


def _run(command: Sequence[str], url: str, tick: Callable[[], None]) -> None:
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=_environment(url))
        try:
            while True:
                try:
                    code = process.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    tick()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code:
            said.seek(0)
            raise Failed(_why(said.read()))


def _database(url: str) -> list[str]:
    """The connection as arguments, without the password: arguments are visible to everybody on the machine."""
    parts = sa.engine.make_url(url)._replace(drivername="postgresql", password=None)
    return ["--dbname", parts.render_as_string()]


def _environment(url: str) -> dict[str, str]:
    password = sa.engine.make_url(url).password
    return {**os.environ, "PGCONNECT_TIMEOUT": "5", **({"PGPASSWORD": str(password)} if password else {})}


def _why(said: bytes) -> str:
    """The first error. What follows it (DETAIL, CONTEXT) may quote a patient."""
    lines = said.decode(errors="replace").splitlines()
    line = next((line for line in lines if ERROR.match(line)), lines[0] if lines else "it says no more")
    return line[:300]
