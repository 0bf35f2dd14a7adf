"""Whether tickets reach somebody, and who outside hears of it."""

import time
from datetime import timedelta

import pytest

from patchline.database.schema import now as clock
from patchline.escalation import outbox
from patchline.escalation.channels.channel import SendError
from patchline.escalation.health import gone, read_health, seen
from patchline.escalation.heartbeat import beat
from patchline.escalation.links import Links
from patchline.escalation.tickets import open_ticket
from patchline.escalation.worker import Worker
from tests.receivers import HttpReceiver, closed_port


@pytest.fixture
def monitor():
    server = HttpReceiver()
    server.mode = 200
    yield server
    server.close()


def paths(monitor):
    return [request.path for request in monitor.received]


def test_without_a_worker_nothing_is_well_and_one_is_enough(engine):
    now = clock()
    assert read_health(engine, now).problems == ["No delivery worker is running: nobody is told about tickets."]
    seen(engine, "one", now, now)
    seen(engine, "one", now, now + timedelta(seconds=5))
    assert (read_health(engine, now).workers, read_health(engine, now).problems) == (1, [])
    assert read_health(engine, now + timedelta(minutes=1)).workers == 0
    gone(engine, "one")
    assert read_health(engine, now).workers == 0


def test_what_no_worker_takes_up_is_overdue(engine, numb_leg, changed, chain):
    open_ticket(engine, numb_leg, chain)
    now = open_ticket(engine, changed(conversation_id="c2")).opened_at
    seen(engine, "one", now, now + timedelta(hours=1))
    assert read_health(engine, now).problems == []
    later = read_health(engine, now + timedelta(minutes=2))
    assert (later.overdue, later.open) == (3, 2)  # two messages to the nurse, and a ticket without any yet
    assert "wait longer" in later.problems[0]


def test_a_channel_of_which_nothing_arrived_lately_fails_and_is_forgotten_after_a_while(engine, numb_leg, chain):
    now = open_ticket(engine, numb_leg, chain).opened_at
    sms, mail = outbox.claim(engine, now, 10)
    outbox.not_sent(engine, sms, SendError("http_503"), now)
    outbox.sent(engine, mail, now)
    health = read_health(engine, now)
    assert (health.failing, health.retrying) == (("sms",), 1)
    assert "Channels that fail: 1." in health.problems
    assert read_health(engine, now + timedelta(minutes=16)).failing == ()


def test_the_monitor_hears_whether_all_is_well(monitor):
    assert beat(f"{monitor.url}/ping/1", True)
    assert beat(f"{monitor.url}/ping/1", False)
    assert paths(monitor) == ["/ping/1", "/ping/1/fail"]


def test_a_monitor_that_is_away_or_refuses_bothers_nobody(monitor):
    monitor.mode = 503
    assert not beat(monitor.url, True)
    monitor.mode = "drop"
    assert not beat(monitor.url, True)
    assert not beat(f"http://127.0.0.1:{closed_port()}", True)


def test_a_worker_tells_the_monitor_once_a_minute_and_says_so_when_somebody_is_not_told(
    engine, numb_leg, chain, monitor
):
    now = [clock()]
    worker = Worker(engine, chain, {}, Links("k" * 40), f"{monitor.url}/ping", now=lambda: now[0])
    for seconds, expected in ((0, ["/ping"]), (30, ["/ping"]), (31, ["/ping", "/ping"])):
        now[0] += timedelta(seconds=seconds)
        worker._tell()
        deadline = time.monotonic() + 5
        while len(monitor.received) < len(expected) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert paths(monitor) == expected
    open_ticket(engine, numb_leg)
    now[0] += timedelta(minutes=10)
    worker._tell()
    deadline = time.monotonic() + 5
    while len(monitor.received) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert paths(monitor)[-1] == "/ping/fail"
    worker.close()
