"""Real servers on the loopback that staff's messages go to, and that fail as real ones do."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpReceiver:
    """`mode`: a status, "hang" (no answer), "drip" (an answer without end), or "drop" (the connection is cut)."""

    def __init__(self) -> None:
        self.mode: int | str = 204
        self.retry_after: str | None = None
        self.received: list[Received] = []
        self.at_once = self.most_at_once = 0
        self.before_answer: Callable[[], None] = lambda: None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with receiver._lock:
                    receiver.received.append(Received(self.path, dict(self.headers), body))
                    receiver.at_once += 1
                    receiver.most_at_once = max(receiver.most_at_once, receiver.at_once)
                try:
                    receiver._answer(self)
                except OSError:
                    pass  # the other side has given up
                finally:
                    with receiver._lock:
                        receiver.at_once -= 1

            do_GET = do_POST

            def log_message(self, *args: object) -> None:
                pass

        return Handler

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        self.before_answer()
        if self.mode == "hang":
            self._ended.wait(30)
        elif self.mode == "drop":
            _reset(request.connection)
            request.close_connection = True
        elif self.mode == "drip":
            while not self._ended.wait(0.1):  # header after header, so that no single read takes long
                request.wfile.write(b"HTTP/1.1 200 OK\r\n" if not hasattr(request, "begun") else b"X-More: 1\r\n")
                request.begun = True
        else:
            request.send_response(self.mode)
            if self.retry_after:
                request.send_header("Retry-After", self.retry_after)
            if self.mode in (301, 302, 307):
                request.send_header("Location", f"{self.url}/elsewhere")
            request.send_header("Content-Length", "0")
            request.end_headers()


class SmtpReceiver:
    """`answer` is what the server says to a recipient; "hang" and "drop" do so after the message's data."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.received: list[Message] = []
        self._ended = threading.Event()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    @property
    def url(self) -> str:
        """Its Apprise URL."""
        port = self._controller.port
        return f"mailto://127.0.0.1:{port}?mode=insecure&from=patchline@clinic.example&to=nurse@clinic.example"

    def close(self) -> None:
        self._ended.set()
        self._controller.stop()

    async def handle_RCPT(self, server: SMTP, session: object, envelope: object, address: str, options: list) -> str:
        if self.answer[:3].isdigit() and not self.answer.startswith("2"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:
        if self.answer == "hang":
            while not self._ended.is_set():
                await asyncio.sleep(0.05)
        if self.answer == "drop":
            # A socket of our own on the same connection: what the transport gives is not one with every event loop.
            with socket.socket(fileno=os.dup(server.transport.get_extra_info("socket").fileno())) as connection:
                _reset(connection)
            server.transport.abort()
            return "421 gone"
        self.received.append(message_from_bytes(envelope.content))
        return "250 taken"


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _reset(connection: socket.socket) -> None:
    """Cut, not closed: the other side gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
