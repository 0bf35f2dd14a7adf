"""A process and everything it started: memory, processor time, and how to end it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import psutil

STOP_S = 40.0  # a supervisor stops its programs one after the other


@dataclass(frozen=True)
class Usage:
    """Of a whole process tree."""

    megabytes: float  # proportional set size: a page that processes share counts once
    cpu_s: float
    by_process: dict[str, float]  # short command line -> MB


def usage(pid: int) -> Usage:
    """What the tree below `pid` uses now. Processes that end meanwhile are left out."""
    megabytes, seconds, shares = 0.0, 0.0, {}
    for process in members(pid):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            own = memory_mb(process)
            times = process.cpu_times()
            name = short_name(process.cmdline())
            shares[name] = round(shares.get(name, 0.0) + own, 1)
            megabytes += own
            seconds += times.user + times.system
    return Usage(round(megabytes, 1), seconds, dict(sorted(shares.items(), key=lambda item: -item[1])))


def members(pid: int) -> list[psutil.Process]:
    """The process and all its descendants; none when it has ended."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory_mb(process: psutil.Process) -> float:
    """Proportional set size, or resident size where the system does not tell it."""
    try:
        return process.memory_full_info().pss / 1e6
    except (psutil.AccessDenied, AttributeError):
        return process.memory_info().rss / 1e6


def short_name(command: list[str]) -> str:
    """The part of a command line that tells programs apart.

    >>> short_name([".venv/bin/python", "-m", "patchline.gateway"])
    'patchline.gateway'
    """
    if "-m" in command[:-1]:
        return " ".join(command[command.index("-m") + 1 :][:2]).split(" -")[0].split(" /")[0]
    names = [part.rsplit("/", 1)[-1] for part in command if not part.startswith("-")]
    return next((name for name in names if not name.startswith("python")), names[0] if names else "?")


def stop(pid: int) -> list[int]:
    """End a tree that this program started: first politely at its root, then whatever is left, which is returned."""
    started = members(pid)
    if started:
        with contextlib.suppress(psutil.NoSuchProcess):
            started[0].terminate()
    _, left = psutil.wait_procs(started, timeout=STOP_S)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=10)
    return [process.pid for process in left]
