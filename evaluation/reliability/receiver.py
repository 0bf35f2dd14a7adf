"""The clinic's end of the webhook: a real HTTP server that fails as real ones do, and writes down what it gets."""

from __future__ import annotations

import contextlib
import json
import random
import select
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from evaluation.reliability.records import Request
from patchline.database.schema import now
from patchline.escalation.channels.webhook import DELIVERY, verify

# answer -> how often, of a hundred, in times of trouble
FAILURES = {"500": 8, "429": 4, "400": 3, "hang": 2, "dropped": 5, "taken, answer lost": 4}
CONTACTS = ("first", "second")
HANG_S = 30.0


class Receiver:
    """`well`: it takes everything. `down`: it takes nothing and answers 503. Otherwise it fails now and then."""

    def __init__(self, secret: str, seed: int) -> None:
        self.secret, self.well, self.down = secret, True, False
        self.requests: list[Request] = []
        self._random, self._lock = random.Random(seed), threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, contact: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{contact}"

    def has(self) -> set[str]:
        """The references of the tickets that it has."""
        with self._lock:
            return {request.reference for request in self.requests if request.taken and request.signed}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _mood(self) -> str:
        if self.down:
            return "503"
        if self.well:
            return "204"
        with self._lock:
            number = self._random.uniform(0, 100)
        for answer, share in FAILURES.items():
            number -= share
            if number < 0:
                return answer
        return "204"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                began = time.monotonic()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                signed = verify(receiver.secret, self.headers, body, now())
                answer = receiver._mood() if signed else "401"
                with contextlib.suppress(OSError):  # the other side has hung up, or was killed
                    _answer(self, answer)
                facts = json.loads(body)
                request = Request(
                    delivery=int(self.headers[DELIVERY]),
                    reference=facts["reference"],
                    contact=self.path.strip("/"),
                    began=began,
                    ended=time.monotonic(),
                    answer=answer,
                    taken=answer in ("204", "taken, answer lost"),
                    signed=signed,
                )
                with receiver._lock:
                    receiver.requests.append(request)

            def log_message(self, *args: object) -> None:
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed in the middle of its request is what this is about."""


def _answer(request: BaseHTTPRequestHandler, answer: str) -> None:
    if answer == "hang":
        return _wait_for_hang_up(request.connection)
    if answer in ("dropped", "taken, answer lost"):
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True
        return None
    request.send_response(int(answer))
    if answer == "429":
        request.send_header("Retry-After", "3")
    request.send_header("Content-Length", "0")
    request.end_headers()
    return None


def _wait_for_hang_up(connection: socket.socket) -> None:
    """No answer. The request is under way until the sender gives up or dies."""
    ends = time.monotonic() + HANG_S
    while time.monotonic() < ends:
        readable, _, _ = select.select([connection], [], [], 0.2)
        if readable and connection.recv(1, socket.MSG_PEEK) == b"":
            return
