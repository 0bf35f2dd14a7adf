"""The gateway as a process of its own, on a real port."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from patchline.gateway import __main__ as program
from patchline.settings import ROOT


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The variables of a gateway that keeps its things in a folder of the test."""
    for name in list(os.environ):
        if name.startswith("PATCHLINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    monkeypatch.setattr(program.logs, "configure", lambda: None)
    return monkeypatch


def refusal(capsys):
    assert program.main() == 2
    error = capsys.readouterr().err
    assert error.startswith("patchline gateway: ")
    assert error.count("\n") == 1
    return error


def test_a_taken_port_is_one_sentence(environment, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment.setenv("PATCHLINE_PORT", str(port))
        assert f"port {port} on 127.0.0.1 cannot be used: Address already in use" in refusal(capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATCHLINE_PORT", "eight"),
        ("PATCHLINE_PORT", "99999"),
        ("PATCHLINE_RATE_LIMIT", "many"),
        ("PATCHLINE_DATABASE_URL", "no url"),
        ("PATCHLINE_DATABASE_URL", "nobase://host/name"),
        ("PATCHLINE_HOST", "no.such.host.invalid"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_sentence(environment, capsys, name, value):
    environment.setenv(name, value)
    refusal(capsys)


def test_content_that_cannot_be_used_is_one_sentence(environment, capsys, tmp_path):
    environment.setenv("PATCHLINE_CONTENT", str(tmp_path / "nowhere"))
    assert "clinic.yml" in refusal(capsys)


def test_production_with_demo_numbers_does_not_start(environment, capsys):
    environment.setenv("PATCHLINE_PROFILE", "production")
    environment.setenv("PATCHLINE_SECRET", secrets.token_urlsafe(32))
    assert "demo number" in refusal(capsys)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A gateway without Rasa."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PATCHLINE_")}
    variables |= {
        "PATCHLINE_VAR": str(tmp_path_factory.mktemp("var")),
        "PATCHLINE_PORT": str(port),
        "PATCHLINE_RASA_PORT": "1",
        "PATCHLINE_RATE_LIMIT": "off",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "patchline.gateway"], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
    )
    process.url = f"http://127.0.0.1:{port}"
    process.port = port
    for _ in range(200):
        try:
            httpx.get(f"{process.url}/health/live", trust_env=False)
            break
        except httpx.ConnectError:
            time.sleep(0.1)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def web(server):
    with httpx.Client(base_url=server.url, trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture
def conversation(web):
    opened = web.post("/api/conversations").json()
    return f"/api/conversations/{opened['conversation_id']}", {"Authorization": f"Bearer {opened['token']}"}


def test_ten_megabytes_are_refused_without_reading_them_all(web, conversation):
    url, headers = conversation
    headers = {**headers, "Content-Type": "application/json"}
    response = web.post(f"{url}/messages", content=b"a" * 10_000_000, headers=headers)
    assert response.status_code == 413
    assert response.json()["line"] == "(202) 555-0142"


@pytest.mark.parametrize("path", ["messages", "no-such-page", "", "../../health/live"])
def test_an_endless_body_is_cut_off_wherever_it_goes(server, conversation, path):
    url, headers = conversation
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        head = f"POST {url}/{path} HTTP/1.1\r\nHost: a\r\nAuthorization: {headers['Authorization']}\r\n"
        head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        chunk = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
        sent = 0
        with contextlib.suppress(ConnectionError):  # reset or broken pipe: the server hung up
            while sent < 100_000_000:
                connection.sendall(chunk)
                sent += len(chunk)
        assert sent < 20_000_000  # the most that the buffers in between can hold


def test_the_journal_is_kept_for_the_next_process_and_lines_are_json(server, web, conversation):
    url, headers = conversation
    web.post(f"{url}/messages", json={"message_id": "m1", "text": "How long?"}, headers=headers)
    line = json.loads(server.stdout.readline())
    assert line["level"] == "INFO"
    assert line["log"]["event"] == "request"
    messages = web.get(url, headers=headers).json()["messages"]
    assert [message["from"] for message in messages] == ["bot", "patient", "bot"]


def test_an_open_event_stream_does_not_hold_up_a_stop(server, web, conversation):
    url, headers = conversation
    with web.stream("GET", f"{url}/events", headers=headers) as stream:
        assert next(stream.iter_lines()) == "retry: 3000"
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=4)
        assert time.monotonic() - started < 3
