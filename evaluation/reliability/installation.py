"""One installation of Patchline with a folder of its own, two workers and two contacts behind real webhooks."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
from ruamel.yaml import YAML

from evaluation.reliability.receiver import CONTACTS, Receiver
from patchline.settings import ROOT
from patchline.training.fingerprint import fingerprint
from patchline.training.model import archive_path, read_record, write_record
from tests.system import System

WORDS = {
    "gateway": "patchline.gateway",
    "rasa": "patchline.run.rasa_server",
    "actions": "patchline.run.action_server",
    "worker": "patchline.escalation.worker",
}
WORKER = [sys.executable, "-m", "patchline.escalation.worker"]
WAIT_MIN = 4  # until the next contact is called; short enough that the chain goes on during a run
START_OVER_MIN = 0.25  # everybody has refused for good: they are called again soon


class Installation:
    """`patchline run` as a user starts it, beside a second worker; both die and are started again."""

    def __init__(self, folder: Path, archive: Path, url: str, receiver: Receiver) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.var, self.url = folder, folder / "var", url
        self.var.mkdir(exist_ok=True)
        content = _content(folder / "content")
        self.system = System(
            self.var,
            PATCHLINE_MODELS=str(_models(folder / "models", archive, content)),
            PATCHLINE_CONTENT=str(content),
            PATCHLINE_CHANNELS=str(_channels(folder / "channels.yml", receiver)),
            PATCHLINE_DATABASE_URL=url,
        )
        self.ended: list[str] = []  # programs that ended by themselves
        self._starts = 0
        self._second: subprocess.Popen | None = None
        self._second_killed = self._closing = False
        self.lock = threading.RLock()  # nobody kills while files are moved, and nothing is started while all is killed

    def start(self) -> None:
        """Raises `AssertionError` with what was printed when it does not come up. Does nothing once it was stopped."""
        if self._closing:
            return
        self._starts += 1
        self.system.output = self.var / f"output-{self._starts}.txt"
        self.system.start()
        self._keep_second()

    def stop(self) -> None:
        """Ends everything, politely where that is still possible."""
        self._closing = True
        self._end_second()
        process = self.system.process
        if process and process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.system.stop()
        self._kill(self.tree())

    def keep_second(self) -> None:
        """A thread's work: starts the second worker again, as the supervisor does with the first."""
        while not self._closing:
            time.sleep(1.0)
            with self.lock:
                if self._second and self._second.poll() is not None and not self._closing:
                    if not self._second_killed:
                        self.ended.append(f"second worker (exit code {self._second.returncode})")
                    self._keep_second()

    def tree(self) -> list[psutil.Process]:
        """`patchline run` and everything below it."""
        process = self.system.process
        if process is None:
            return []
        try:
            root = psutil.Process(process.pid)
            return [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def programs(self) -> list[psutil.Process]:
        """Those that may use the database."""
        found = [process for name in WORDS if (process := self.program(name))]
        if self._second and self._second.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(self._second.pid))
        return found

    def program(self, name: str) -> psutil.Process | None:
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if WORDS[name] in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                    return process
        return None

    def kill(self, name: str) -> bool:
        """SIGKILL one program; False when it is not there just now."""
        with self.lock:
            if name == "second worker":
                return self._kill_second()
            process = self.program(name)
            if process:
                self._kill([process])
            return process is not None

    def kill_everything(self) -> None:
        """As when the power fails: all processes at once, the second worker too."""
        with self.lock:
            tree = self.tree()
            self._kill_second()
            self._second = None
            self._kill(tree)
            self.system.process.wait(20)

    def kill_supervisor(self) -> None:
        """The supervisor alone; what it started ends with it, and `patchline run` then, too."""
        with self.lock:
            for process in self.tree():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if "supervisor.supervisord" in " ".join(process.cmdline()):
                        process.kill()
        self.system.process.wait(60)

    def live(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.system.base_url}/health/live", timeout=2).status_code == 200
        return False

    def log(self, name: str) -> str:
        path = self.var / "logs" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _keep_second(self) -> None:
        with self.lock:
            if self._second is None or self._second.poll() is not None:
                with (self.var / "second-worker.log").open("ab") as log:
                    self._second = subprocess.Popen(
                        WORKER, cwd=ROOT, env=self.system.environment, stdout=log, stderr=subprocess.STDOUT
                    )
                self._second_killed = False

    def _kill_second(self) -> bool:
        if self._second is None or self._second.poll() is not None:
            return False
        self._second_killed = True
        self._second.kill()
        self._second.wait(10)
        return True

    def _end_second(self) -> None:
        with self.lock:
            if self._second and self._second.poll() is None:
                self._second.send_signal(signal.SIGTERM)
                try:
                    self._second.wait(30)
                except subprocess.TimeoutExpired:
                    self._second.kill()
                    self._second.wait()

    def _kill(self, processes: list[psutil.Process]) -> None:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=10)


def _content(folder: Path) -> Path:
    """The clinic's content with contacts of the run's own."""
    shutil.copytree(ROOT / "content", folder)
    yaml, path = YAML(), folder / "clinic.yml"
    data = yaml.load(path.read_text(encoding="utf-8"))
    wait = {"open": WAIT_MIN, "closed": WAIT_MIN}
    data["escalation"] = {
        "contacts": [{"name": f"The {name} contact", "channels": [name], "times": 1} for name in CONTACTS],
        "wait": {urgency: dict(wait) for urgency in ("crisis", "emergency", "clinic", "routine")},
        "start_over": START_OVER_MIN,
    }
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)
    return folder


def _models(folder: Path, archive: Path, content: Path) -> Path:
    """The current model under the name that it would have had with this content: contacts are no part of a model."""
    folder.mkdir()
    print_ = fingerprint(ROOT, content)
    target = archive_path(folder, print_)
    shutil.copy2(archive, target)
    write_record(target, replace(read_record(archive), fingerprint=print_))
    return folder


def _channels(path: Path, receiver: Receiver) -> Path:
    channels = {name: {"webhook": receiver.url(name), "secret": receiver.secret} for name in CONTACTS}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(channels, file)
    path.chmod(0o600)
    return path
