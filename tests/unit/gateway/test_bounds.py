"""A connection that means harm, against a real gateway: idle, slow, with endless headers, or one of too many."""

import socket
import threading
import time

import pytest
import uvicorn

from patchline.gateway import bounds

HEAD = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"


async def app(scope, receive, send):
    """Says how many bytes of body came."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"%05d" % len(body)})


@pytest.fixture
def port(monkeypatch):
    """A server with those bounds, and less patience."""
    monkeypatch.setattr(bounds, "HEAD_S", 0.6)
    monkeypatch.setattr(bounds, "CONNECTIONS", 5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=bounds.Bounded, ws="none", lifespan="off", log_config=None, loop="asyncio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def connected(port):
    one = socket.create_connection(("127.0.0.1", port), timeout=5)
    one.settimeout(5)
    return one


def drips(one):
    """How many seconds somebody may send one byte after the other; 10 for ever."""
    began = time.monotonic()
    while time.monotonic() - began < 10:
        try:
            one.sendall(b"G")
        except ConnectionError:
            break
        time.sleep(0.05)
    return time.monotonic() - began


def answer(one):
    """All that comes until the other side hangs up."""
    said = b""
    try:
        while piece := one.recv(65536):
            said += piece
            if said.endswith(b"00000") or said.endswith(b"60000"):
                break
    except ConnectionError:
        pass
    return said


def test_who_asks_properly_is_answered_again_and_again_on_one_connection(port):
    with connected(port) as one:
        for _ in range(3):
            one.sendall(HEAD + b"\r\n")
            assert answer(one).startswith(b"HTTP/1.1 200")
        one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" + b"x" * 60000)
        assert answer(one).endswith(b"60000")


def test_a_connection_that_says_nothing_is_closed(port):
    with connected(port) as one:
        assert answer(one) == b""


@pytest.mark.parametrize("before", [b"", HEAD + b"\r\n"])
def test_a_head_that_drips_is_cut_off_also_behind_a_request(port, before):
    with connected(port) as one:
        if before:
            one.sendall(before)
            assert answer(one).startswith(b"HTTP/1.1 200")
        assert drips(one) < 4


@pytest.mark.parametrize(
    "header", [b"X: " + b"a" * 3_000_000, b"".join(b"X%d: %s\r\n" % (n, b"a" * 900) for n in range(300))]
)
def test_endless_headers_are_refused(port, header):
    with connected(port) as one:
        try:
            one.sendall(HEAD + header + b"\r\n\r\n")
        except ConnectionError:
            return  # it hung up while we were still talking
        assert b" 200 " not in answer(one)


def test_one_connection_too_many_is_refused_and_there_is_room_again_later(port):
    many = [connected(port) for _ in range(5)]
    time.sleep(0.1)
    with connected(port) as one:
        assert answer(one).startswith(b"HTTP/1.1 503")
    for other in many:
        other.close()
    time.sleep(0.2)
    with connected(port) as one:
        one.sendall(HEAD + b"\r\n")
        assert answer(one).startswith(b"HTTP/1.1 200")
