"""The supervisor: its configuration, its start, and a stop after which nothing is left."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from patchline.lifeline import stop_with_parent
from patchline.run import slot
from patchline.settings import ROOT, Settings
from patchline.training.train import QUIET

TEMPLATE = ROOT / "deploy" / "supervisord.conf.in"
PROGRAMS = (*slot.PROGRAMS, "gateway")
STOP_S = 40.0  # for all programs one after another; each has 10 s before it is killed

# For every program. A program that stays up for a second counts as started; one that dies at once is started again
# after 1 s, 2 s, 3 s, …, without end. After a stop signal its whole process group gets the signal too.
COMMON = """directory={root}
autostart=true
autorestart=true
startsecs=1
startretries=1000000
stopsignal=TERM
stopwaitsecs=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={var_twice}/logs/%(program_name)s.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5"""


def configuration(template: str, settings: Settings, root: Path = ROOT, superuser: bool = False) -> str:
    """The supervisor's configuration for one installation.

    Paths may hold spaces and percent signs. `superuser` names the account, without which the supervisor complains.
    """
    values = {
        "root": _escaped(str(root)),
        "var": _escaped(str(settings.var)),
        "var_twice": _escaped(_escaped(str(settings.var))),  # the supervisor expands names of log files twice
        "python": _escaped(shlex.quote(sys.executable)),
        "user": "user=root" if superuser else "",
    }
    values["common"] = _fill(COMMON, values)
    values["slot"] = _fill("{python} -m patchline.training.parent {python} -m patchline.run.slot", values)
    return _fill(template, values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values[match[1]], text)


def _escaped(text: str) -> str:
    """The supervisor expands `%(name)s`, so a percent sign is written twice."""
    return text.replace("%", "%%")


def write_configuration(settings: Settings) -> Path:
    """Writes `var/run/supervisord.conf`, readable by its owner alone, and makes the folders that it names."""
    run = settings.var / "run"
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    (settings.var / "logs").mkdir(exist_ok=True)
    path = run / "supervisord.conf"
    path.unlink(missing_ok=True)
    text = configuration(TEMPLATE.read_text(encoding="utf-8"), settings, superuser=os.geteuid() == 0)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def environment(env: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What the programs see: the environment as it is, with the libraries kept quiet and small."""
    return {
        **env,
        **QUIET,
        "LOG_LEVEL": "WARNING",
        "OMP_NUM_THREADS": "1",  # one message is answered fastest by one thread; the programs share the cores
        "MALLOC_ARENA_MAX": "2",  # glibc keeps memory for each thread otherwise
        "PATCHLINE_INTERNAL_TOKEN": settings.internal_token,
    }


@dataclass
class Supervisor:
    """A running supervisor and everything that it started: all of one session, whose number is its process id."""

    process: subprocess.Popen

    @classmethod
    def start(cls, config: Path, env: Mapping[str, str]) -> Supervisor:
        # A session of its own: Ctrl-C in the terminal reaches `patchline run` alone, which stops the rest in order.
        process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
            umask=0o077,  # what they write is for this account alone
            preexec_fn=stop_with_parent,
        )
        return cls(process)

    def stop(self) -> list[int]:
        """Stops the supervisor and its programs, and kills what does not stop. Returns the processes still left: []."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for signal_, grace_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            for pid in session_members(self.process.pid):
                _send(pid, signal_)
            deadline = time.monotonic() + grace_s
            while session_members(self.process.pid) and time.monotonic() < deadline:
                time.sleep(0.05)
        return session_members(self.process.pid)


def _send(pid: int, signal_: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        os.kill(pid, signal_)


def session_members(session: int, proc: Path = Path("/proc")) -> list[int]:
    """The living processes of a session, read from `/proc`; [] on systems without it."""
    members = []
    for stat in proc.glob("[0-9]*/stat"):
        try:
            # "pid (name) state ppid pgrp session …"; the name may hold spaces and brackets
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        if int(fields[3]) == session and fields[0] not in ("Z", "X"):
            members.append(int(stat.parent.name))
    return sorted(members)
