"""A gateway in this process, and a small real HTTP server in the place of Rasa's channel."""

import json
import socket
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.testclient import TestClient

from patchline import content as contents
from patchline.gateway.app import create_app
from patchline.settings import ROOT, Settings

LIE_FLAT = {
    "text": "You will lie flat for 30 to 60 minutes.",
    "topic": "faq/lie_flat",
    "sources": ["steps-6", "no-such-line"],
    "buttons": [{"title": "May I drive?", "choice": "faq/driving"}],
    "links": [],
}
NLU = {"intent": "faq/lie_flat", "confidence": 0.93, "ranking": [{"name": "faq/lie_flat", "confidence": 0.93}]}


def warning(tier):
    """What Rasa says to a warning sign, in words that are not the clinic's."""
    return {**LIE_FLAT, "text": f"Rasa's own words for {tier}.", "topic": f"red_flag/{tier}", "buttons": []}


def parse_data(intent):
    """Rasa's parse data of a message with a retrieval intent."""
    base, _, key = intent.partition("/")
    selected = {base: {"response": {"intent_response_key": intent}}} if key else {}
    return {"intent": {"name": base, "confidence": 1.0}, "response_selector": selected}


class StandIn:
    """Rasa's channel as the port describes it. `mode`: answer, hang, 500, empty, garbage, shape or slow."""

    def __init__(self):
        self.mode, self.message, self.delay_s = "answer", LIE_FLAT, 0.0
        self.asked, self.forgotten, self.probed, self.headers = [], [], 0, []
        self.nlu = None  # what Rasa says it understood, if not what the message says
        self.parsed, self.understood = [], "faq/lie_flat"  # what was read late, and as which intent
        self.at_once, self.most_at_once, self.lock = 0, 0, threading.Lock()
        self.wake = threading.Event()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with stand_in.lock:
                    stand_in.at_once += 1
                    stand_in.most_at_once = max(stand_in.most_at_once, stand_in.at_once)
                try:
                    stand_in.answer(self, body)
                finally:
                    with stand_in.lock:
                        stand_in.at_once -= 1

            def do_DELETE(self):
                if stand_in.mode != "answer":
                    return self.reply(500, b"")
                stand_in.forgotten.append(self.path.rpartition("/")[2])
                self.reply(204, b"")

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, handler, body):
        self.headers.append(dict(handler.headers))
        if handler.path.endswith("/probe"):
            self.probed += 1
            data = {"topic": "faq/lie_flat", "model": "model-1"}
        elif handler.path == "/model/parse":
            self.parsed.append(body["text"])
            data = parse_data(self.understood)
        else:
            self.asked.append(body)
            raised = (self.message.get("topic") or "").startswith("red_flag/")
            nlu = self.nlu or ({**NLU, "intent": self.message["topic"]} if raised else NLU)
            data = {"messages": [self.message], "nlu": nlu, "model": "model-1"}
        if self.mode == "hang":
            self.wake.wait(5)
        time.sleep(self.delay_s)
        bodies = {"empty": b'{"messages": []}', "garbage": b"<html>", "shape": b'{"messages": [{"text": 7}]}'}
        handler.reply(500 if self.mode == "500" else 200, bodies.get(self.mode, json.dumps(data).encode()))

    def close(self):
        self.wake.set()
        self.server.shutdown()
        self.server.server_close()


class Patient:
    """Somebody with a conversation."""

    def __init__(self, client):
        self.client = client
        opened = client.post("/api/conversations").json()
        self.id, self.token, self.greeting = opened["conversation_id"], opened["token"], opened["greeting"]
        self.url, self.headers = f"/api/conversations/{self.id}", {"Authorization": f"Bearer {opened['token']}"}
        self.count = 0

    def send(self, **body):
        self.count += 1
        body = {"message_id": f"m{self.count}", **body}
        return self.client.post(f"{self.url}/messages", json=body, headers=self.headers)

    def says(self, text, **body):
        response = self.send(text=text, **body)
        assert response.status_code == 200, response.text
        return response.json()["messages"]

    def transcript(self):
        return self.client.get(self.url, headers=self.headers).json()["messages"]


@pytest.fixture(scope="session")
def content():
    return contents.load(ROOT / "content")


@pytest.fixture
def rasa():
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def settings(tmp_path, rasa):
    return Settings(var=tmp_path, secret="s" * 40, rasa_port=rasa.port, rasa_timeout_s=2.0, rate_limit="off")


@pytest.fixture
def start(settings, content):
    """Starts a gateway with some settings changed; stops it after the test."""
    running = []

    def start(**changes):
        own = {name: changes.pop(name) for name in ("event_source",) if name in changes}
        client = TestClient(create_app(replace(settings, **changes), content, **own), client=("127.0.0.1", 50000))
        running.append(client)
        return client.__enter__()

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def client(start):
    return start()


@pytest.fixture
def patient(client):
    return Patient(client)


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]  # bound and not listening: refused
