import asyncio

import pytest

from patchline.gateway import events
from patchline.gateway.events import Event, Events, Gone
from patchline.gateway.problems import Problem

from .conftest import Patient


class Source:
    every_s = 0.01

    def __init__(self, *found):
        self.found, self.gone = list(found), False

    async def since(self, conversation_id, last_event_id):
        if self.gone:
            raise Gone
        return [event for event in self.found if event.id is None or int(event.id) > int(last_event_id or 0)]


SEEN = Event("1", "escalation", '{"status": "sent"}')
LATER = Event("2", "escalation", '{"status": "seen"}')


async def read(stream, count):
    return [await anext(stream) for _ in range(count)]


def test_a_stream_says_when_to_come_back_and_then_beats(monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.02)

    async def check():
        stream = Events(Source()).stream("a", None)
        assert await read(stream, 3) == ["retry: 3000\n\n", ": still here\n\n", ": still here\n\n"]
        await stream.aclose()

    asyncio.run(check())


def test_a_plugged_in_source_is_heard_and_the_last_event_id_skips_what_was_seen():
    async def check():
        source = Source(SEEN)
        stream = Events(source).stream("a", None)
        assert await read(stream, 2) == ["retry: 3000\n\n", 'id: 1\nevent: escalation\ndata: {"status": "sent"}\n\n']
        source.found.append(LATER)
        assert (await anext(stream)).startswith("id: 2\n")
        again = Events(source).stream("a", "1")
        assert (await read(again, 2))[1].startswith("id: 2\n")
        await stream.aclose(), await again.aclose()

    asyncio.run(check())


def test_how_something_stands_is_told_at_the_beginning_and_when_it_changes():
    async def check():
        source = Source(Event(None, "presence", "1"))
        stream = Events(source).stream("a", None)
        assert (await read(stream, 2))[1] == "event: presence\ndata: 1\n\n"
        source.found.append(LATER)
        assert (await anext(stream)).startswith("id: 2\n")
        source.found = [Event(None, "presence", "2")]
        assert await anext(stream) == "event: presence\ndata: 2\n\n"
        await stream.aclose()

    asyncio.run(check())


def test_a_deleted_conversation_ends_its_streams():
    async def check():
        source = Source(SEEN)
        streams = Events(source)
        stream = streams.stream("a", None)
        await read(stream, 2)
        source.gone = True
        async with asyncio.timeout(1):
            assert [text async for text in stream] == []
        assert not streams.streams

    asyncio.run(check())


def test_closing_ends_every_stream_at_once():
    async def check():
        streams = Events(Source())
        stream = streams.stream("a", None)
        await anext(stream)
        asyncio.get_running_loop().call_later(0.02, streams.close)
        async with asyncio.timeout(1):
            assert [text async for text in stream] == []
        assert not streams.streams

    asyncio.run(check())


def test_a_source_that_does_not_answer_holds_up_neither_the_heartbeat_nor_a_shutdown(monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.02)

    class Hanging(Source):
        async def since(self, conversation_id, last_event_id):
            await asyncio.Event().wait()

    async def check():
        streams = Events(Hanging())
        stream = streams.stream("a", None)
        assert (await read(stream, 3))[1:] == [": still here\n\n"] * 2
        asyncio.get_running_loop().call_later(0.05, streams.close)
        async with asyncio.timeout(1):
            assert {text async for text in stream} <= {": still here\n\n"}

    asyncio.run(check())


def test_a_conversation_has_a_few_streams_at_most():
    async def check():
        streams = Events(Source())
        open_ones = [streams.stream("a", None) for _ in range(events.MAX_STREAMS)]
        for stream in open_ones:
            streams.check_room("a")
            await anext(stream)
        with pytest.raises(Problem):
            streams.check_room("a")
        streams.check_room("b")
        for stream in open_ones:
            await stream.aclose()
        streams.check_room("a")

    asyncio.run(check())


def test_the_endpoint_is_an_event_stream_and_is_never_cached(start):
    client = start(event_source=Source(SEEN))
    patient = Patient(client)
    client.app.state.parts.events.close()
    response = client.get(f"{patient.url}/events", headers=patient.headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    assert response.text == "retry: 3000\n\n"
