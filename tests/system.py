"""Starts the whole system as a user would, talks to it through the public contract, and breaks it on purpose."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from patchline import health
from tests.answers import ROOT

RASA, ACTIONS, GATEWAY = "patchline.run.rasa_server", "patchline.run.action_server", "patchline.gateway"
START_LIMIT_S = 600  # a first start trains a model
PATIENCE_S = 8  # the longest that a patient waits for an answer or the clinic line


class System:
    """`patchline run` in a process of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port, self.rasa_port, self.actions_port, *other_slot = free_ports(5)
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PATCHLINE_")},
            "PATCHLINE_VAR": str(folder),
            "PATCHLINE_PORT": str(self.port),
            "PATCHLINE_RASA_PORT": str(self.rasa_port),
            "PATCHLINE_ACTIONS_PORT": str(self.actions_port),
            "PATCHLINE_RASA_PORT_B": str(other_slot[0]),
            "PATCHLINE_ACTIONS_PORT_B": str(other_slot[1]),
            "PATCHLINE_RATE_LIMIT": "off",
            **settings,
        }
        self.output = folder / "output.txt"
        self.archive: Path | None = None  # the model that it serves, where it has a copy of its own
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "patchline.cli", "run"],
                cwd=ROOT, env=self.environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + START_LIMIT_S
        while "Patchline answers at" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the system did not start:\n{self.said()}")
            time.sleep(0.2)

    def stop(self) -> int:
        """Ctrl-C. Returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)

    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def processes(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def program(self, words: str) -> psutil.Process:
        """The running process whose command line contains `words`."""
        for item in self.processes():
            with suppress(psutil.Error):  # it has just ended
                if words in " ".join(item.cmdline()):
                    return item
        raise LookupError(f"no process runs {words}")

    @property
    def database(self) -> Path:
        return self.folder / "patchline.db"

    def ready(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/health/ready", timeout=PATIENCE_S).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until(self, ready: bool, limit_s: float = 90) -> None:
        deadline = time.monotonic() + limit_s
        while self.ready() != ready:
            if time.monotonic() > deadline:
                raise AssertionError(f"{'not ' if ready else 'still '}ready after {limit_s} s")
            time.sleep(0.3)

    def kill(self, words: str) -> None:
        """SIGKILL one program, and wait until the health check has noticed."""
        self.program(words).kill()
        self.wait_until(ready=False)

    def end(self, words: str) -> None:
        """SIGKILL one program. It is down when this returns, until the supervisor has started it again."""
        process = self.program(words)
        process.kill()
        process.wait(10)

    def wait_until_back(self, limit_s: float = 120) -> None:
        """Until every program listens and a model answers: whatever was ended is there again."""
        wait_for(lambda: all(health.listens(port) for port in (self.port, self.rasa_port, self.actions_port)), limit_s)
        self.wait_until(ready=True, limit_s=limit_s)

    def patient(self) -> Patient:
        return Patient(self.base_url)


class Patient:
    """One conversation through the public contract."""

    def __init__(self, base_url: str) -> None:
        self.client = httpx.Client(base_url=base_url, timeout=PATIENCE_S)
        issued = self.client.post("/api/conversations").raise_for_status().json()
        self.greeting = issued["greeting"]
        self.id = issued["conversation_id"]
        self.url = f"/api/conversations/{self.id}"
        self.client.headers["Authorization"] = f"Bearer {issued['token']}"

    def post(self, timeout: float = PATIENCE_S, **body: str) -> httpx.Response:
        body = {"message_id": uuid.uuid4().hex, **body}
        return self.client.post(f"{self.url}/messages", json=body, timeout=timeout)

    def say(self, text: str) -> list[dict]:
        return self.post(text=text).raise_for_status().json()["messages"]

    def choose(self, choice: str) -> list[dict]:
        return self.post(choice=choice).raise_for_status().json()["messages"]

    def topics(self, text: str) -> list[str]:
        return [message["topic"] for message in self.say(text)]


def wait_for(happened: Callable[[], bool], limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"{happened} not after {limit_s} s")
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]
    finally:
        for item in sockets:
            item.close()
