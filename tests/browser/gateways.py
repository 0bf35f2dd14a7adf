"""Real gateways for the browser tests: a process of its own, with a stand-in for Rasa that the test speaks through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.system import ROOT, free_ports
from tests.unit.gateway.conftest import LIE_FLAT, StandIn

START_LIMIT_S = 60
SUGGESTION = {"title": "May I drive?", "choice": "faq/driving"}
CALL_LINE = {"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"}
CALL_911 = {"title": "Call 911 (emergency number)", "href": "tel:911"}


def answer(text: str = LIE_FLAT["text"], **changes: object) -> dict:
    """What the stand-in for Rasa answers: an answer of the document with a source and a button."""
    return {**LIE_FLAT, "text": text, "sources": ["steps-6"], "links": [CALL_LINE], **changes}


class Gateway:
    """`python -m patchline.gateway` on a free port. It can be killed, frozen and started again at the same port."""

    def __init__(self, folder: Path, rasa: StandIn, **settings: str):
        (self.port,) = free_ports(1)
        self.url, self.folder = f"http://127.0.0.1:{self.port}", folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PATCHLINE_")},
            "PATCHLINE_VAR": str(folder),
            "PATCHLINE_PORT": str(self.port),
            "PATCHLINE_RASA_PORT": str(rasa.port),
            "PATCHLINE_RATE_LIMIT": "off",
            **settings,
        }
        self.process: subprocess.Popen | None = None

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'patchline.db'}"

    def start(self) -> None:
        with (self.folder / "gateway.log").open("ab") as log:
            command = [sys.executable, "-m", "patchline.gateway"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_LIMIT_S
        while not self.lives():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "gateway.log").read_text())
            time.sleep(0.05)

    def lives(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/live", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def freeze(self) -> None:
        """It takes connections and says nothing, like a server that hangs."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.thaw()
            self.kill()
