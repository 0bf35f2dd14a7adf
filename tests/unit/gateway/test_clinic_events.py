"""What the clinic does, as streams of a gateway tell it; on a real database of each kind."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline.database.engines import make_engine
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.escalation import desk_api as desk
from patchline.escalation import presence
from patchline.escalation.escalation import Escalation
from patchline.escalation.tickets import open_ticket
from patchline.gateway import clinic_events, events
from patchline.gateway.clinic_events import ClinicEvents
from patchline.gateway.events import Events
from patchline.gateway.journal import Journal
from patchline.gateway.notes import Notes

NUMB = Escalation("c1", "m1", "clinic", "rules", now(), ("numb_weak",), ("leg is numb",))
LIMIT_S = 20


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(clinic_events, "EVERY_S", 0.05)
    monkeypatch.setattr(clinic_events, "AFTER_FAILURE_S", 0.1)


@pytest.fixture
def engine(url):
    """As another process has it: the desk's."""
    migrate(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


class Gateway:
    """The streams of one gateway process."""

    def __init__(self, url, content):
        self.journal = Journal(url)
        self.events = Events(ClinicEvents(self.journal, lambda: Notes(content)))

    async def read(self, stream, count):
        """The next events: (id, name, data)."""
        found = []
        async with asyncio.timeout(LIMIT_S):
            while len(found) < count:
                fields = dict(line.split(": ", 1) for line in (await anext(stream)).strip().split("\n"))
                if "event" in fields:
                    found.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
        return found

    async def words(self, stream, count):
        """The next notes and messages, each as its status or the beginning of its text."""
        found = []
        while len(found) < count:
            ((_, name, data),) = await self.read(stream, 1)
            if name == "clinic":
                found.append(data["status"] or data["text"][:12])
        return found


@pytest.fixture
def gateway(url, engine, content):
    return Gateway(url, content)


def run(check):
    asyncio.run(check())


def test_what_happens_to_a_ticket_comes_once_and_in_order(gateway, engine):
    async def check():
        stream = gateway.events.stream("c1", None)
        assert await gateway.read(stream, 1) == [(None, "presence", {"with_person": False})]
        reference = open_ticket(engine, NUMB).reference
        ((first, name, data),) = await gateway.read(stream, 1)
        assert (name, data["status"], data["reference"], str(data["event_id"])) == ("clinic", "sent", reference, first)
        desk.viewed(engine, reference, "Maria", now())
        desk.note(engine, reference, "Maria", now(), "for colleagues")
        desk.acknowledge(engine, reference, "Maria", now())
        desk.message_to_patient(engine, reference, "Maria", now(), "How are you?")
        found = await gateway.read(stream, 4)
        assert [data.get("status") or data.get("text", "")[:9] for _, _, data in found] == [
            "seen", "A nurse i", "How are y", "",
        ]  # fmt: skip
        assert found[-1] == (None, "presence", {"with_person": True})
        desk.hand_back(engine, reference, "Maria", now())
        desk.resolve(engine, reference, "Maria", now(), "done")
        assert await gateway.words(stream, 2) == ["The nurse ha", "closed"]

    run(check)


def test_a_stream_goes_on_after_the_last_event_whichever_gateway_it_comes_back_to(gateway, engine, url, content):
    async def check():
        reference = open_ticket(engine, NUMB).reference
        stream = gateway.events.stream("c1", None)
        last = next(id_ for id_, name, _ in await gateway.read(stream, 2) if name == "clinic")
        await stream.aclose()
        desk.acknowledge(engine, reference, "Maria", now())
        other = Gateway(url, content)
        again = other.events.stream("c1", last)
        assert await other.words(again, 1) == ["seen"]
        desk.resolve(engine, reference, "Maria", now(), "done")
        assert await other.words(again, 1) == ["closed"]

    run(check)


@pytest.mark.parametrize("last", [None, "", "x", "-1", "9" * 400, "1.5"])
def test_a_last_event_that_never_was_begins_at_the_beginning(gateway, engine, last):
    async def check():
        open_ticket(engine, NUMB)
        assert await gateway.words(gateway.events.stream("c1", last), 1) == ["sent"]

    run(check)


def test_two_streams_of_a_conversation_have_each_their_own_place_and_nobody_has_anothers(gateway, engine):
    async def check():
        open_ticket(engine, replace(NUMB, conversation_id="c2"))
        reference = open_ticket(engine, NUMB).reference
        early = gateway.events.stream("c1", None)
        ids = [id_ for id_, name, _ in await gateway.read(early, 2) if name == "clinic"]
        late, other = gateway.events.stream("c1", ids[0]), gateway.events.stream("c3", None)
        desk.acknowledge(engine, reference, "Maria", now())
        assert await gateway.words(early, 1) == await gateway.words(late, 1) == ["seen"]
        assert await gateway.read(other, 1) == [(None, "presence", {"with_person": False})]

    run(check)


def test_a_hundred_streams_share_one_look_at_the_database(gateway, engine, monkeypatch):
    monkeypatch.setattr(clinic_events, "EVERY_S", 0.3)
    looks = []
    real = clinic_events.look
    monkeypatch.setattr(clinic_events, "look", lambda *args: looks.append(len(args[1])) or real(*args))

    async def check():
        open_ones = [gateway.events.stream(f"c{number}", None) for number in range(100)]
        await asyncio.gather(*(gateway.read(stream, 1) for stream in open_ones))
        reading = asyncio.gather(*(gateway.words(stream, 1) for stream in open_ones))
        await asyncio.sleep(0.1)
        for number in range(100):
            open_ticket(engine, replace(NUMB, conversation_id=f"c{number}"))
        assert await reading == [["sent"]] * 100

    run(check)
    assert max(looks) == 100
    assert len(looks) <= 20


def test_a_database_that_is_away_ends_no_stream_and_what_happened_comes_afterwards(
    gateway, engine, url, tmp_path, monkeypatch
):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.2)

    async def check():
        reference = open_ticket(engine, NUMB).reference
        stream = gateway.events.stream("c1", None)
        assert await gateway.words(stream, 1) == ["sent"]
        desk.acknowledge(engine, reference, "Maria", now())
        away(engine, True)
        beats = [await anext(stream) for _ in range(4)]
        assert ": still here\n\n" in beats
        assert not any("event: clinic" in beat for beat in beats)
        away(engine, False)
        assert await gateway.words(stream, 1) == ["seen"]

    def away(engine, gone):
        names = ("ticket_events", "elsewhere") if gone else ("elsewhere", "ticket_events")
        with engine.begin() as db:
            db.exec_driver_sql("ALTER TABLE {} RENAME TO {}".format(*names))

    run(check)


def test_a_server_that_is_killed_and_comes_back(postgres, content, monkeypatch):
    url = postgres.new_database()
    migrate(url)
    engine, gateway = make_engine(url), Gateway(url, content)

    async def check():
        reference = open_ticket(engine, NUMB).reference
        stream = gateway.events.stream("c1", None)
        assert await gateway.words(stream, 1) == ["sent"]
        reading = asyncio.create_task(gateway.words(stream, 1))
        await asyncio.to_thread(postgres.kill)
        await asyncio.sleep(0.5)
        assert not reading.done()
        await asyncio.to_thread(postgres.start)
        await asyncio.to_thread(desk.acknowledge, engine, reference, "Maria", now())
        assert await reading == ["seen"]

    try:
        run(check)
    finally:
        engine.dispose()
        gateway.journal.close()
        postgres.drop(url)


def test_time_that_passes_is_told_once_by_two_gateways(gateway, engine, url, content, monkeypatch):
    reference = open_ticket(engine, NUMB).reference
    desk.message_to_patient(engine, reference, "Maria", now() - timedelta(minutes=4), "How are you?")
    presence.wrote(engine, "c1", "m2", now() - timedelta(minutes=3))

    async def check():
        other = Gateway(url, content)
        streams = gateway.events.stream("c1", None), other.events.stream("c1", None)
        for one, stream in zip((gateway, other), streams, strict=True):
            assert await one.words(stream, 4) == ["sent", "A nurse is i", "How are you?", "The nurse ha"]
        monkeypatch.setattr(presence, "QUIET", timedelta(minutes=4))
        for one, stream in zip((gateway, other), streams, strict=True):
            found = await one.words(stream, 1)
            assert found == ["The nurse ha"]
        assert [event.action for event in desk.events_for_patient(engine, "c1")][3:] == ["unanswered", "left"]

    run(check)


def test_a_deleted_conversation_ends_the_stream_at_every_gateway(gateway, engine):
    async def check():
        await gateway.journal.open("c1", [])
        reference = open_ticket(engine, NUMB).reference
        stream = gateway.events.stream("c1", None)
        assert await gateway.words(stream, 1) == ["sent"]
        elsewhere = Journal(gateway.journal.url)
        await elsewhere.forget("c1")
        desk.acknowledge(engine, reference, "Maria", now())
        async with asyncio.timeout(LIMIT_S):
            rest = [text async for text in stream]
        assert not any("event: clinic" in text for text in rest)
        assert desk.ticket(engine, reference).state == "acknowledged"

    run(check)


def test_a_client_that_leaves_keeps_nobody_else_waiting(gateway, engine):
    async def check():
        leaving, staying = gateway.events.stream("c1", None), gateway.events.stream("c1", None)
        await gateway.read(staying, 1), await gateway.read(leaving, 1)
        waiting = asyncio.create_task(gateway.words(leaving, 1))
        reading = asyncio.create_task(gateway.words(staying, 1))
        await asyncio.sleep(0.02)
        waiting.cancel()
        open_ticket(engine, NUMB)
        assert await reading == ["sent"]

    run(check)


def test_nothing_of_it_reaches_the_log(gateway, engine, caplog):
    async def check():
        reference = open_ticket(engine, NUMB).reference
        desk.message_to_patient(engine, reference, "Maria", now(), "secret words")
        assert (await gateway.words(gateway.events.stream("c1", None), 3))[2] == "secret words"
        with engine.begin() as db:
            db.execute(sa.text("DROP TABLE ticket_events"))
        stream = gateway.events.stream("c1", None)
        await anext(stream)
        task = asyncio.create_task(anext(stream))
        await asyncio.sleep(0.3)
        task.cancel()

    with caplog.at_level("INFO"):
        run(check)
    assert "events_failed" in caplog.text
    assert "secret" not in caplog.text
