"""Rasa's conversations in the installation's database: SQLite and PostgreSQL, through the store's own methods."""

import asyncio
import contextlib
import json
import logging
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered

from patchline.database.trackers import SCHEMA, events, last_said, make_engine
from patchline.nlu import tracker_store as module
from patchline.nlu.tracker_store import TrackerStore
from patchline.settings import Settings

WORDS = "my leg went numb, Zebulon"
START = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


@pytest.fixture
def server():
    """A PostgreSQL server that this module alone takes away."""
    from tests import postgres

    if postgres.programs() is None:
        pytest.skip(postgres.MISSING)
    own = postgres.Postgres()
    yield own
    own.remove()


@pytest.fixture
def open_store(tmp_path, monkeypatch):
    """`open_store(url)`: what a Rasa server makes of endpoints.yml; each call is another server."""
    monkeypatch.setattr(module, "AWAY_S", 0.3)
    made = []

    def open_store(url):
        monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
        monkeypatch.setenv("PATCHLINE_DATABASE_URL", url)
        made.append(TrackerStore(Domain.empty()))
        return made[-1]

    yield open_store
    for store in made:
        store.engine.dispose()


@pytest.fixture
def store(open_store, url):
    return open_store(url)


def run(coroutine):
    return asyncio.run(coroutine)


def said(text):
    return [UserUttered(text, {"name": "faq"}), BotUttered("An answer."), ActionExecuted("action_listen")]


async def turn(store, sender, text):
    """One turn as Rasa does it: get or create, add events, save. Rasa's own wrapper is around the store."""
    store = FailSafeTrackerStore(store)
    tracker = await store.get_or_create_tracker(sender, append_action_listen=False)
    for event in ([] if tracker.events else START) + said(text):
        tracker.update(event)
    await store.save(tracker)


def texts(tracker):
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


def kept(store, sender):
    """What the patient said, as the database has it."""
    query = sa.select(events.c.data).where(events.c.sender_id == sender, events.c.type_name == "user")
    with store.engine.connect() as db:
        return [json.loads(data)["text"] for data in db.execute(query.order_by(events.c.id)).scalars()]


def test_the_table_is_rasas_own(store):
    with store.engine.connect() as db:
        place = SCHEMA if db.dialect.name == "postgresql" else None
        made = {column["name"]: column for column in sa.inspect(db).get_columns("events", schema=place)}
        indexed = [index["column_names"] for index in sa.inspect(db).get_indexes("events", schema=place)]
    theirs = SQLTrackerStore.SQLEvent.__table__
    for column in theirs.columns:
        ours = made.pop(column.name)
        wanted = column.type.compile(store.engine.dialect).replace("FLOAT", "")
        assert ours["type"].compile(store.engine.dialect).replace("DOUBLE PRECISION", "").replace("FLOAT", "") == wanted
        assert ours["nullable"] == column.nullable, column.name
    assert made == {}
    assert ["sender_id"] in indexed


def test_a_conversation_goes_on_and_is_stored_once(store, open_store, url):
    async def both():
        await turn(store, "c1", "first")
        await turn(store, "c1", "second")
        return await store.retrieve("c1")

    assert texts(run(both())) == ["first", "second"]
    assert kept(store, "c1") == ["first", "second"]
    another = run(open_store(url).retrieve("c1"))
    assert texts(another) == ["first", "second"]
    assert [event.type_name for event in another.events][:2] == ["session_started", "action"]
    assert len(another.events) == len(START[1:]) + 2 * len(said(""))


def test_rasas_own_store_reads_what_was_written(store, url):
    run(turn(store, "c1", WORDS))
    if store.engine.dialect.name == "sqlite":
        theirs = SQLTrackerStore(Domain.empty(), "sqlite", db=store.engine.url.database)
    else:
        theirs = SQLTrackerStore(Domain.empty(), host=f"{url}&options=-csearch_path%3D{SCHEMA}")
    assert texts(run(theirs.retrieve("c1"))) == [WORDS]
    theirs.engine.dispose()


def test_servers_side_by_side_see_each_others_turns(store, open_store, url):
    async def talk(other):
        for number, place in enumerate([store, other, other, store, other]):
            await turn(place, "c1", str(number))
        return await store.retrieve("c1"), await other.retrieve("c1")

    here, there = run(talk(open_store(url)))
    assert texts(here) == texts(there) == kept(store, "c1") == ["0", "1", "2", "3", "4"]


def test_a_new_session_leaves_the_earlier_one_behind(store):
    async def two_sessions():
        await turn(store, "c1", "long ago")
        tracker = await store.retrieve("c1")
        for event in [ActionExecuted("action_session_start"), SessionStarted(timestamp=time.time() + 1)]:
            tracker.update(event)
        tracker.update(UserUttered("today", timestamp=time.time() + 2))
        await store.save(tracker)
        store._at_hand.clear()
        return await store.retrieve("c1"), await store.retrieve_full_tracker("c1")

    latest, full = run(two_sessions())
    assert texts(latest) == ["today"]
    assert kept(store, "c1") == ["long ago", "today"]
    assert texts(full) == ["long ago", "today"]


def test_what_a_turn_that_failed_half_way_added_is_not_kept(store):
    async def fails():
        await turn(store, "c1", "first")
        tracker = await store.retrieve("c1")
        tracker.update(UserUttered("and then an error"))
        return await store.retrieve("c1")

    assert texts(run(fails())) == ["first"]


def test_forgotten_is_forgotten_and_a_turn_that_still_goes_on_does_not_bring_it_back(store):
    async def forget_in_between():
        await turn(store, "c1", WORDS)
        await turn(store, "c2", "hello")
        tracker = await store.retrieve("c1")
        await store.forget("c1")
        tracker.update(BotUttered("Too late."))
        await FailSafeTrackerStore(store).save(tracker)
        return await store.retrieve("c1"), list(await store.keys())

    assert run(forget_in_between()) == (None, ["c2"])


def test_forgotten_words_are_in_no_file_of_sqlite(open_store, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'patchline.db'}")
    run(turn(store, "c1", WORDS))
    assert b"Zebulon" in everything(tmp_path)
    run(store.forget("c1"))
    assert b"Zebulon" not in everything(tmp_path)


def everything(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.glob("rasa.db*")))


def test_few_conversations_are_kept_at_hand_and_none_for_long(store, monkeypatch):
    monkeypatch.setattr(module, "MOST_AT_HAND", 2)

    async def many():
        for number in range(4):
            await turn(store, f"c{number}", "hi")

    run(many())
    assert list(store._at_hand) == ["c2", "c3"]
    store._at_hand["c2"].used -= module.LONGEST_AT_HAND_S + 1
    run(turn(store, "c3", "hi"))
    assert list(store._at_hand) == ["c3"]
    run(turn(store, "c0", "again"))
    assert kept(store, "c0") == ["hi", "again"]


def test_last_said_pages_through_all_conversations(store):
    async def many():
        for number in range(7):
            await turn(store, f"c{number}", "hi")

    before = time.time()
    run(many())
    pages = list(last_said(store.engine, page=3))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [sender for page in pages for sender, _ in page] == [f"c{number}" for number in range(7)]
    assert all(before <= at <= time.time() for page in pages for _, at in page)


def test_a_conversation_goes_on_while_the_database_is_away_and_is_whole_afterwards(open_store, server, caplog):
    store = open_store(server.new_database())

    async def away_and_back():
        await turn(store, "known", "before")
        server.kill()
        with caplog.at_level(logging.ERROR):
            await turn(store, "known", f"meanwhile {WORDS}")
            await turn(store, "new", f"began meanwhile {WORDS}")
            await turn(store, "new", "and went on")
        assert texts(await store.retrieve("known")) == ["before", f"meanwhile {WORDS}"]
        server.start()
        await asyncio.sleep(module.AWAY_S + 0.1)
        await turn(store, "known", "after")
        await turn(store, "new", "after")

    run(away_and_back())
    assert kept(store, "known") == ["before", f"meanwhile {WORDS}", "after"]
    assert kept(store, "new") == [f"began meanwhile {WORDS}", "and went on", "after"]
    assert "Zebulon" not in caplog.text


def test_rasa_starts_without_its_database_and_makes_the_table_when_it_comes(open_store, server):
    url = server.new_database()
    server.stop()
    store = open_store(url)
    run(turn(store, "c1", "before there was a database"))
    server.start()
    time.sleep(module.AWAY_S + 0.1)
    run(turn(store, "c1", "after"))
    assert kept(store, "c1") == ["before there was a database", "after"]


def test_forgetting_while_the_database_is_away_is_an_error_that_the_gateway_sees(open_store, server):
    store = open_store(server.new_database())
    run(turn(store, "c1", WORDS))
    server.kill()
    with pytest.raises((sa.exc.SQLAlchemyError, module.Away)):
        run(store.forget("c1"))
    assert store.latest("c1") is None
    server.start()
    time.sleep(module.AWAY_S + 0.1)
    run(store.forget("c1"))
    assert kept(store, "c1") == []


def test_a_database_that_hangs_holds_up_nobody_else(open_store, postgres):
    """A lock on the table: each query ends on its own limit, while the loop goes on."""
    url = postgres.new_database()
    store = open_store(url)
    run(turn(store, "c1", "before"))

    async def count_while(work):
        task, beats = asyncio.ensure_future(work), 0
        while not task.done():
            await asyncio.sleep(0.01)
            beats += 1
        return beats

    other = make_engine(Settings(database_url=url))
    with other.begin() as db:
        db.exec_driver_sql(f"LOCK TABLE {SCHEMA}.events IN ACCESS EXCLUSIVE MODE")
        assert run(count_while(turn(store, "c1", "meanwhile"))) > 10
    other.dispose()
    time.sleep(module.AWAY_S + 0.1)
    run(turn(store, "c1", "after"))
    assert kept(store, "c1") == ["before", "meanwhile", "after"]


def test_servers_that_start_at_once_make_one_table(open_store, postgres):
    from concurrent.futures import ThreadPoolExecutor

    url = postgres.new_database()
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: open_store(url), range(4)))
    for number, store in enumerate(stores):
        run(turn(store, f"c{number}", "hi"))
    assert sorted(run(stores[0].keys())) == ["c0", "c1", "c2", "c3"]


def test_an_account_that_may_not_make_schemas_uses_one_that_is_there(open_store, postgres):
    url = postgres.new_database()
    admin = sa.create_engine(url)
    with admin.begin() as db:
        db.exec_driver_sql("CREATE ROLE limited LOGIN")
        db.exec_driver_sql(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION limited")
    store = open_store(url.replace("patchline@", "limited@"))
    run(turn(store, "c1", "hi"))
    assert kept(store, "c1") == ["hi"]
    store.engine.dispose()
    with admin.begin() as db:
        db.exec_driver_sql("DROP OWNED BY limited; DROP ROLE limited")
    admin.dispose()


def test_rasa_makes_this_store_from_endpoints_yml(monkeypatch, tmp_path):
    from rasa.core.tracker_store import TrackerStore as Rasas
    from rasa.core.utils import AvailableEndpoints

    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    monkeypatch.delenv("PATCHLINE_DATABASE_URL", raising=False)
    root = Path(__file__).resolve().parents[3]
    made = Rasas.create(AvailableEndpoints.read_endpoints(str(root / "endpoints.yml")).tracker_store)
    agent = Agent(tracker_store=made)
    with contextlib.closing(made.engine.connect()):
        assert isinstance(agent.tracker_store._tracker_store, TrackerStore)
        assert (tmp_path / "rasa.db").exists()


def test_a_probe_is_answered_without_the_database_and_never_stored(open_store, server):
    store = open_store(server.new_database())
    server.kill()

    async def probe(sender):
        await turn(store, sender, "how long?")
        found = await store.retrieve(sender)
        await store.forget(sender)
        return texts(found), store.latest(sender)

    assert run(probe(f"{module.PASSING}1")) == (["how long?"], None)
    server.start()
    time.sleep(module.AWAY_S + 0.1)
    assert run(probe(f"{module.PASSING}2")) == (["how long?"], None)
    assert run(store.keys()) == []
