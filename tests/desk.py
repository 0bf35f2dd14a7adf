"""A clinic with staff and tickets; and with a gateway in a process of its own, without Rasa: what the desk needs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa
from playwright.sync_api import Page

from patchline.database import engines
from patchline.database.schema import now
from patchline.desk import accounts
from patchline.escalation.escalation import Escalation
from patchline.escalation.links import Links
from patchline.escalation.tickets import open_ticket, open_wish
from patchline.escalation.wish import Wish
from patchline.gateway.records import Entry, Records
from tests.answers import ROOT
from tests.system import Patient, free_ports
from tests.tables import make_tables

PASSWORD = "nine purple kettles sing"
SECRET = "s" * 40


def fill_sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Sign in, in a browser that shows the form."""
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


class Clinic:
    """Staff and patients' tickets in a database that has its tables; Dana is a nurse, Avi an admin."""

    def __init__(self, engine: sa.engine.Engine, base_url: str = "http://testserver") -> None:
        self.engine, self.base_url = engine, base_url
        for login, name, role in (("dana", "Dana Reyes", "nurse"), ("avi", "Avi Stern", "admin")):
            accounts.add(engine, login, name, role, PASSWORD, now())

    def link(self, reference: str, contact: str | None = "Clinic line nurse") -> str:
        return Links(SECRET, self.base_url).address(reference, contact)

    def warning(self, text: str, triggers: tuple[str, ...], tier: str = "emergency", **fields) -> str:
        """A patient's message with a warning sign, in the journal and as a ticket. Returns the reference."""
        number = time.monotonic_ns()
        conversation, at = fields.pop("conversation", f"chat-{number}"), now()
        minutes = fields.pop("minutes_ago", 0)
        records = Records(self.engine)
        said = Entry(f"m{number}", text, None, at - timedelta(minutes=minutes))
        if records.transcript(conversation) is None:
            records.open(conversation, [{"text": "Hi, I'm Patchline."}])
        records.receive(conversation, said)
        reply = {"messages": [{"text": "Call 911 now.\n911"}]}
        records.settle(conversation, Entry(said.message_id, text, None, said.at, "local", at, "red_flag", reply))
        about = {"tier": tier, "source": "both", "categories": ("cannot_move_legs",), **fields}
        sign = Escalation(conversation, said.message_id, said_at=said.at, triggers=triggers, **about)
        return open_ticket(self.engine, sign).reference

    def wish(self, kind: str = "callback", **fields) -> str:
        number, at = time.monotonic_ns(), now()
        about = {"name": "Ana López", "phone": "+12025550142", "best_time": "after 3", "consent_at": at, **fields}
        conversation = about.pop("conversation", f"chat-{number}")
        return open_wish(self.engine, Wish(kind, conversation, f"w{number}", at, **about)).reference


class DeskSystem(Clinic):
    """A clinic with `python -m patchline.gateway` on a free port."""

    def __init__(self, folder: Path, url: str = "", **settings: str) -> None:
        self.folder = folder
        self.url = url or f"sqlite:///{folder / 'patchline.db'}"
        self.port, rasa = free_ports(2)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PATCHLINE_")},
            "PATCHLINE_VAR": str(folder),
            "PATCHLINE_DATABASE_URL": self.url,
            "PATCHLINE_PORT": str(self.port),
            "PATCHLINE_RASA_PORT": str(rasa),  # where nobody listens: the rules alone find warning signs
            "PATCHLINE_SECRET": SECRET,
            "PATCHLINE_RATE_LIMIT": "off",
            **settings,
        }
        make_tables(self.url)
        self.process: subprocess.Popen | None = None
        super().__init__(engines.make_engine(self.url), f"http://127.0.0.1:{self.port}")

    def start(self, limit_s: float = 60) -> None:
        output = (self.folder / "output.txt").open("ab")
        command = [sys.executable, "-m", "patchline.gateway"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=output, stderr=output)
        deadline = time.monotonic() + limit_s
        while not self._live():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the gateway did not start:\n{self.said()}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def close(self) -> None:
        self.stop()
        self.engine.dispose()

    def said(self) -> str:
        """Everything that the gateway has logged."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def patient(self) -> Patient:
        return Patient(self.base_url)

    def _live(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/health/live", timeout=2).status_code == 200
        except httpx.TransportError:
            return False
