"""What is warmed up has to answer as it was trained to: not mute, not blind, not another release's."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from patchline.releases.errors import Broken
from patchline.releases.warming import Question, answers, questions, warm_up
from patchline.settings import ROOT, Settings

ASKED = [
    Question("how long do i lie flat", topic="faq/lie_flat"),
    Question("can i eat", topic="faq/eating_drinking"),
    Question("my legs are numb", tier="emergency"),
    Question("i have a fever", tier="clinic"),
]


class Slot:
    """A Rasa and an action server that say what a test wants."""

    def __init__(self) -> None:
        self.topics = {question.text: question.topic for question in ASKED}
        self.tiers = {question.text: question.tier for question in ASKED}
        self.senders: set[str] = set()
        slot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.reply(slot.answer(self.path, body))

            def do_DELETE(self) -> None:
                slot.senders.discard(self.path.rpartition("/")[2])
                self.reply({})

            def do_GET(self) -> None:
                self.reply({"status": "ok"})

            def reply(self, data: dict) -> None:
                text = json.dumps(data).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        port = self.server.server_address[1]
        self.settings = Settings(rasa_port=port, actions_port=port)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, path: str, body: dict) -> dict:
        if path.endswith("/probe"):
            return {"topic": self.topics[ASKED[0].text]}
        if path == "/model/parse":
            tier = self.tiers[body["text"]]
            return {"intent": {"name": f"red_flag/{tier}" if tier else "faq"}}
        self.senders.add(body["sender"])
        topic = self.topics[body["text"]]
        return {"messages": [{"text": "…", "topic": topic}] if topic else []}


@pytest.fixture
def slot():
    found = Slot()
    yield found
    found.server.shutdown()
    found.server.server_close()


def warmed(slot: Slot) -> str:
    try:
        return "; ".join(dict.fromkeys(warm_up(slot.settings, ASKED)))
    except Broken as error:
        return str(error)


def test_a_slot_that_answers_rightly_is_warm_and_keeps_nothing_of_it(slot) -> None:
    assert warmed(slot) == "warming it up with 4 questions"
    assert slot.senders == set()
    assert answers(slot.settings)


def test_a_mute_model_is_not_ready(slot) -> None:
    slot.topics = dict.fromkeys(slot.topics)
    assert warmed(slot).startswith("It understands 2 of 2 questions of its own training wrongly")
    assert not answers(slot.settings)


def test_a_model_that_is_blind_for_warning_signs_is_not_ready(slot) -> None:
    slot.tiers = dict.fromkeys(slot.tiers)
    assert warmed(slot).startswith("It understands 2 of 2 warning signs of its own training wrongly")


def test_a_sign_that_is_taken_for_less_than_it_is_counts_as_wrong_and_for_more_as_right(slot) -> None:
    slot.tiers = {**slot.tiers, "i have a fever": "emergency"}
    assert warmed(slot) == "warming it up with 4 questions"
    slot.tiers = {**slot.tiers, "my legs are numb": "clinic"}
    assert "warning signs of its own training wrongly (emergency)" in warmed(slot)


def test_the_model_of_another_release_is_not_ready(slot) -> None:
    slot.topics = dict.fromkeys(slot.topics, "faq/numbing")
    assert "(faq/eating_drinking, faq/lie_flat)" in warmed(slot)


def test_without_its_action_server_it_is_not_ready(slot) -> None:
    alone = replace(slot.settings, actions_port=1)
    with pytest.raises(Broken, match="action server does not answer"):
        list(warm_up(alone, ASKED))
    assert not answers(alone)


def test_questions_are_of_many_topics_and_of_every_tier() -> None:
    asked = questions(ROOT)
    assert len({question.topic for question in asked if question.topic}) == 10
    assert {question.tier for question in asked if question.tier} == {"clinic", "emergency", "crisis"}
    assert asked == questions(ROOT)
