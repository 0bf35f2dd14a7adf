"""Watching for changes, on a real database of each kind."""

import asyncio
import contextlib

import pytest

from patchline.database.schema import now
from patchline.desk.parts import DatabaseAway
from patchline.desk.watch import Watch, look
from patchline.escalation import desk_api, health
from patchline.escalation.tables import tickets
from tests.unit.desk.tickets.test_pages import NUMB


def test_every_change_has_another_version_and_a_call_only_where_somebody_waits(clinic):
    snapshots = [look(clinic.engine, now())]

    def changed():
        snapshots.append(look(clinic.engine, now()))
        assert snapshots[-1].version != snapshots[-2].version
        return snapshots[-1].call > snapshots[-2].call

    reference = clinic.warning(NUMB, ("legs went numb",))
    assert changed()
    assert (snapshots[-1].open, snapshots[-1].urgent) == (1, 1)
    desk_api.acknowledge(clinic.engine, reference, "Dana", now())
    assert not changed()
    assert (snapshots[-1].open, snapshots[-1].urgent) == (0, 0)
    desk_api.reopen(clinic.engine, reference, "Dana", now())
    assert changed()
    health.seen(clinic.engine, "worker", now(), now())
    assert not changed()
    assert snapshots[-1].delivering


def test_a_wish_is_not_urgent_until_everybody_was_called_in_vain(clinic):
    clinic.wish()
    assert look(clinic.engine, now()).urgent == 0
    with clinic.engine.begin() as db:
        db.execute(tickets.update().values(exhausted_at=now()))
    assert look(clinic.engine, now()).urgent == 1


class Counting:
    """The desk's way to its database; counts, and can be away."""

    def __init__(self, engine):
        self.engine, self.asked, self.away = engine, 0, False

    async def ask(self, query, *args):
        self.asked += 1
        if self.away:
            raise DatabaseAway("OperationalError")
        return await asyncio.to_thread(query, self.engine, *args)


async def take(watch, count):
    """The next snapshots that a listener gets."""
    taken = []
    async with contextlib.aclosing(watch.snapshots()) as found:
        async for snapshot in found:
            taken.append(snapshot)
            if len(taken) == count:
                break
    return taken


@pytest.fixture
def desk(clinic):
    return Counting(clinic.engine)


def test_the_database_is_asked_once_for_all_listeners_and_not_at_all_without_any(desk):
    async def listen():
        watch = Watch(desk, every_s=0.1)
        await asyncio.gather(*(take(watch, 3) for _ in range(20)))
        asked = desk.asked
        await asyncio.sleep(0.4)
        return asked, desk.asked

    asked, later = asyncio.run(listen())
    assert asked <= 6
    assert later <= asked + 1


def test_a_database_that_is_away_is_told_and_the_watch_goes_on(desk):
    async def listen():
        watch = Watch(desk, every_s=0.01)
        desk.away = True
        away = await take(watch, 2)
        desk.away = False
        return away, await take(watch, 3)

    away, back = asyncio.run(listen())
    assert None in away
    assert back[-1] is not None


def test_a_shutdown_ends_all_streams(desk):
    async def listen():
        watch = Watch(desk, every_s=0.01)
        listeners = [asyncio.create_task(take(watch, 10_000)) for _ in range(3)]
        await asyncio.sleep(0.1)
        watch.close()
        await asyncio.wait_for(asyncio.gather(*listeners), 2)

    asyncio.run(listen())
