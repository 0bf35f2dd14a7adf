"""What our Rasa server adds to Rasa's: reading without a conversation, and a limit to how long an action may take."""

import asyncio
import logging
import time

import pytest

from patchline.run import parsing
from patchline.run.private_logs import FORMAT, PrivateFormatter
from patchline.run.rasa_server import action_endpoint


class Agent:
    """Rasa's agent, as far as reading goes."""

    def __init__(self):
        self.read = []

    async def parse_message(self, text):
        self.read.append(text)
        return {"text": text, "intent": {"name": "thanks", "confidence": 0.9}}


def test_a_text_is_read_as_words_never_as_a_command_and_not_repeated():
    agent = Agent()
    assert asyncio.run(parsing.read(agent, " //red_flag{}")) == {"intent": {"name": "thanks", "confidence": 0.9}}
    assert agent.read == ["red_flag{}"]


def test_nobody_but_the_gateway_is_answered():
    assert parsing.allowed("between-us", "Bearer between-us")
    for sent in ("", "Bearer", "Bearer guess", "Bearer between-üs"):
        assert not parsing.allowed("between-us", sent)
    assert parsing.allowed("", "")


def test_an_action_server_that_hangs_is_given_up_on_soon():
    async def check():
        async def hangs(reader, writer):
            await asyncio.sleep(30)

        server = await asyncio.start_server(hangs, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        endpoint = action_endpoint(f"http://127.0.0.1:{port}/webhook", limit_s=0.3)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            await endpoint.request(json={}, method="post", timeout=300)
        assert time.monotonic() - started < 5
        server.close()

    asyncio.run(check())


def test_a_log_line_has_the_ids_that_our_own_code_names_and_no_message():
    formatter = PrivateFormatter(FORMAT)
    formatter.serving = True
    record = logging.LogRecord("actions.escalate", logging.ERROR, "/x/escalate.py", 41, "my leg is numb", (), None)
    record.ids = {"conversation": "c1", "message": "m1"}
    line = formatter.format(record)
    assert line.endswith("actions.escalate at escalate.py:41 conversation=c1 message=m1")
