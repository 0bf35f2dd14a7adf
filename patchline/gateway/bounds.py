"""What a connection may cost before anybody has read a request: bytes of its head, time, and how many there are.

uvicorn with httptools bounds none of them: an idle connection stayed for ever, and megabytes of headers were collected.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 32 * 1024  # request line and headers; a browser with many cookies sends 8
HEAD_S = 10.0  # from the first byte to the last one of the head, and from the opening of a connection to its first byte
CONNECTIONS = 800  # at once; a process often has 1,024 descriptors, and the database needs some
REFUSAL = b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """The server's protocol with these bounds. Whoever goes over them is hung up on."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head_bytes, self._in_head = 0, True
        self._patience: asyncio.TimerHandle | None = None
        if len(self.connections) > CONNECTIONS:
            return self._refuse(b"503 Service Unavailable")
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            self._wait_for_head()
        super().data_received(data)
        if self._in_head and self._head_bytes > HEAD_BYTES:
            self._refuse(b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            return self._refuse(b"431 Request Header Fields Too Large")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True  # of the next request
        if not self.transport.is_closing():
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._patience = self._patience or self.loop.call_later(HEAD_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._patience:
            self._patience.cancel()
        self._patience = None

    def _refuse(self, status: bytes) -> None:
        self._stop_waiting()
        self.transport.write(REFUSAL % status)
        self.transport.close()
