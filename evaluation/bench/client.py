"""Patients, as one process: closed-loop threads that ask, wait for the answer and ask again.

`python -m evaluation.bench.client` reads a job (JSON, see `Job`) on standard input and writes an `Outcome` (JSON). It
knows the two ways of talking: Patchline's public contract, and Rasa's REST channel.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Job:
    """How much to ask, and whom."""

    system: str  # "patchline" or "default"
    port: int
    patients: int  # at once, each with a connection and a conversation of its own
    messages: int  # in all; patients take turns at the list of questions
    seconds: float  # no message is begun after this time
    turns: int  # messages in one conversation; then the next patient begins a new one
    questions: tuple[str, ...]


@dataclass
class Outcome:
    """What came of a job."""

    seconds: float = 0.0  # from the first message's begin to the last answer
    latencies_ms: list[float] = field(default_factory=list)  # of answered messages
    fallbacks: int = 0  # answered messages whose answer says that it is none
    errors: Counter[str] = field(default_factory=Counter)  # kind -> messages, e.g. "status 500", "empty"


class Unanswered(Exception):
    """A message got no answer that a patient could read; the message says what came instead."""


class Patchline:
    """One patient on the public contract. `ask` returns the answer's topic."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self._path, self._headers = "", {"Content-Type": "application/json"}

    def begin(self) -> None:
        """Open a conversation; its time is not a message's."""
        opened = post(self._connection, "/api/conversations", {}, {"Content-Type": "application/json"})
        self._path = f"/api/conversations/{opened['conversation_id']}/messages"
        self._headers["Authorization"] = f"Bearer {opened['token']}"

    def ask(self, text: str) -> str:
        reply = post(self._connection, self._path, {"message_id": uuid.uuid4().hex, "text": text}, self._headers)
        if not any(message["text"] for message in reply["messages"]):
            raise Unanswered("empty")
        return reply["messages"][0]["topic"]

    def close(self) -> None:
        self._connection.close()


class Default:
    """One patient on Rasa's REST channel, which tells no topic."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
        self._sender = ""

    def begin(self) -> None:
        self._sender = uuid.uuid4().hex

    def ask(self, text: str) -> str:
        body = {"sender": self._sender, "message": text}
        messages = post(self._connection, "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
        if not any(message.get("text") for message in messages):
            raise Unanswered("empty")
        return "answered"

    def close(self) -> None:
        self._connection.close()


PATIENTS = {"patchline": Patchline, "default": Default}
FALLBACK = "fallback"  # topic of an answer that only says that there is none


def post(connection: http.client.HTTPConnection, path: str, body: Any, headers: dict[str, str]) -> Any:
    """The JSON answer to a POST. Raises `Unanswered` for a status of 300 and more, OSError when nobody answers."""
    try:
        connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        data = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()  # the next request opens a new connection
        raise
    if response.status >= 300:
        raise Unanswered(f"status {response.status}")
    return json.loads(data)


def run(job: Job) -> Outcome:
    """Let all patients of a job ask, and wait for them."""
    outcome, lock = Outcome(), threading.Lock()
    numbers = itertools.count()  # of the messages; next() on it is one step for all threads
    start = time.perf_counter()
    shared = (job, numbers, start, outcome, lock)
    threads = [threading.Thread(target=_patient, args=shared) for _ in range(job.patients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - start
    return outcome


def _patient(job: Job, numbers: Any, start: float, outcome: Outcome, lock: threading.Lock) -> None:
    patient, asked = PATIENTS[job.system](job.port), 0
    while time.perf_counter() - start < job.seconds and (number := next(numbers)) < job.messages:
        error = None
        try:
            if asked % job.turns == 0:
                patient.begin()
            begun = time.perf_counter()
            topic = patient.ask(job.questions[number % len(job.questions)])
            ms = (time.perf_counter() - begun) * 1000
            asked += 1
        except (Unanswered, OSError, http.client.HTTPException) as failure:
            error = str(failure) if isinstance(failure, Unanswered) else type(failure).__name__
            asked = 0  # a new conversation
        with lock:
            if error:
                outcome.errors[error] += 1
            else:
                outcome.latencies_ms.append(round(ms, 2))
                outcome.fallbacks += topic == FALLBACK
    patient.close()


if __name__ == "__main__":
    json.dump(asdict(run(Job(**json.load(sys.stdin)))), sys.stdout)
