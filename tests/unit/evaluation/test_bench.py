import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from evaluation import tree
from evaluation.bench import client, default_project, report
from evaluation.bench.__main__ import QUESTIONS, questions
from evaluation.bench.measure import load_figures

WORDS = {"line": "(202) 555-0142"}


@pytest.fixture
def server():
    """A loopback server that notes what it is asked and answers as `server.answer(path, body)` says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append((self.path, body, self.headers.get("Authorization")))
            status, reply = self.server.answer(self.path, body)
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.asked = []
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def job(server, system, **changes):
    plan = {"patients": 1, "messages": 6, "seconds": 30.0, "turns": 3, "questions": ("one", "two")}
    return client.Job(system=system, port=server.server_address[1], **{**plan, **changes})


def test_a_patient_of_the_contract_opens_a_conversation_and_sends_its_token(server):
    def answer(path, body):
        if path == "/api/conversations":
            return 201, {"conversation_id": "c1", "token": "t1", "greeting": []}
        return 200, {"messages": [{"text": "30-60 minutes", "topic": "faq/lie_flat"}], "escalation": None}

    server.answer = answer
    outcome = client.run(job(server, "patchline", messages=4))
    paths = [path for path, _, _ in server.asked]
    say = "/api/conversations/c1/messages"
    assert paths == [
        "/api/conversations",
        say,
        say,
        say,
        "/api/conversations",
        say,
    ]
    assert {token for path, _, token in server.asked if path == say} == {"Bearer t1"}
    assert [body["text"] for path, body, _ in server.asked if path == say] == ["one", "two", "one", "two"]
    assert len({body["message_id"] for path, body, _ in server.asked if path == say}) == 4
    assert len(outcome.latencies_ms) == 4
    assert not outcome.errors


def test_all_patients_together_send_the_number_of_messages(server):
    server.answer = lambda path, body: (200, [{"text": "hello"}])
    outcome = client.run(job(server, "default", patients=4, messages=21))
    assert len(server.asked) == len(outcome.latencies_ms) == 21
    assert len({body["sender"] for _, body, _ in server.asked}) >= 4


def test_an_error_and_an_empty_answer_are_counted_and_not_timed(server):
    replies = iter([(200, [{"text": "hello"}]), (500, {}), (200, []), (200, [{"text": "again"}])])
    server.answer = lambda path, body: next(replies)
    outcome = client.run(job(server, "default", messages=4))
    assert outcome.errors == {"status 500": 1, "empty": 1}
    assert len(outcome.latencies_ms) == 2


def test_an_answer_that_is_only_a_fallback_is_counted(server):
    def answer(path, body):
        if path == "/api/conversations":
            return 201, {"conversation_id": "c1", "token": "t1", "greeting": []}
        return 200, {"messages": [{"text": "Call the line", "topic": "fallback"}], "escalation": None}

    server.answer = answer
    assert client.run(job(server, "patchline", messages=2)).fallbacks == 2


def test_no_message_is_begun_after_the_time_is_over(server):
    def answer(path, body):
        time.sleep(0.05)
        return 200, [{"text": "hello"}]

    server.answer = answer
    outcome = client.run(job(server, "default", messages=1000, seconds=0.3))
    assert 1 <= len(outcome.latencies_ms) <= 7


def test_the_memory_of_a_tree_holds_its_children_and_stopping_it_leaves_none(monkeypatch):
    monkeypatch.setattr(tree, "STOP_S", 1.0)  # then what did not end by itself is killed, as the child here
    child = "import sys, time; block = bytearray(60_000_000); print(1, flush=True); time.sleep(60)"
    parent = (
        f"import subprocess, sys, time\nchild = subprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    process.stdout.read(1)  # the child holds its block now
    members = tree.members(process.pid)
    assert len(members) == 2
    assert tree.usage(process.pid).megabytes > 60
    tree.stop(process.pid)
    process.wait()
    process.stdout.close()
    assert not any(member.is_running() and member.status() != "zombie" for member in members)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["/usr/bin/python3.11", "-m", "patchline.gateway"], "patchline.gateway"),
        (["python", "-m", "rasa", "run", "--port", "5005"], "rasa run"),
        (["python", "-m", "patchline.run.rasa_server", "/srv/models/a.tar.gz"], "patchline.run.rasa_server"),
        (["/venv/bin/python", "/venv/bin/patchline", "run"], "patchline"),
    ],
)
def test_a_process_is_named_by_its_program(command, name):
    assert tree.short_name(command) == name


def test_the_default_project_says_the_clinics_number_and_uses_no_custom_action():
    data = {
        "responses": {"utter_x": [{"text": "Call {line}", "metadata": {"title": "X"}}]},
        "rules": [{"rule": "r", "steps": [{"intent": "x"}, {"action": "action_own"}, {"action": "utter_x"}]}],
    }
    plain = default_project.plain_data(data, WORDS, {"action_own"})
    assert plain["responses"] == {"utter_x": [{"text": "Call (202) 555-0142"}]}
    assert [step.get("action") for step in plain["rules"][0]["steps"]] == [None, default_project.STAND_IN, "utter_x"]


def test_figures_of_two_rounds_are_pooled():
    first = {"latencies_ms": [10.0, 30.0], "seconds": 0.5, "errors": {"empty": 1}, "fallbacks": 0, "cpu_s": 0.1}
    second = {"latencies_ms": [20.0, 40.0], "seconds": 1.5, "errors": {"empty": 2}, "fallbacks": 1, "cpu_s": 0.3}
    figures = load_figures([first, second])
    assert (figures["p50_ms"], figures["p95_ms"]) == (20.0, 40.0)
    assert figures["per_second"] == 2.0
    assert figures["cpu_ms"] == 100.0
    assert figures["errors"] == {"empty": 3}
    assert figures["fallbacks"] == 1


def test_an_aim_is_met_or_missed_by_the_ratio_of_the_two_systems():
    def system(p95, per_second, start, training, memory):
        loads = {"1": {"p95_ms": p95, "per_second": 1.0}, "8": {"p95_ms": 1.0, "per_second": per_second}}
        return {"loads": loads, "start_s": start, "training_s": training, "memory_mb": memory}

    lines = report.aims_table(system(10, 100, 30, 30, 700), system(40, 20, 80, 100, 600)).splitlines()[2:]
    assert [line.split("|")[2].strip() for line in lines] == ["0.25", "5.00", "0.38", "0.30", "1.17"]
    assert [line.split("|")[3].strip() for line in lines] == ["yes", "yes", "yes", "**no**", "**no**"]


def test_every_run_asks_the_same_questions():
    assert questions() == questions()
    assert len(set(questions())) == QUESTIONS
