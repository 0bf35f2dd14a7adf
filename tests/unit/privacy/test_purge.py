"""What is older than it may be is deleted, everywhere, and nothing else is."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline.database import trackers
from patchline.database.schema import metadata, now
from patchline.escalation import desk_api
from patchline.escalation.tables import deliveries, ticket_events, tickets
from patchline.gateway import purging, retention, upkeep
from patchline.gateway.purging import Daily, Purge, Stopped, claimed, purge_if_due
from patchline.gateway.records import Entry, Records
from patchline.gateway.retention import Limits
from patchline.gateway.tables import conversations, forget, messages

from .conftest import WORDS


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(purging, "PAUSE_S", 0.0)


@pytest.fixture
def purge(place):
    """`purge()` everything that is due now; the counts."""

    def purge(days=None):
        work = Purge(place.settings, upkeep.new_owner())
        return claimed(work, Limits.of(place.settings, now(), days))

    return purge


def open_ids(place):
    with place.engine.connect() as db:
        return sorted(db.execute(sa.select(conversations.c.id).where(conversations.c.forgotten_at.is_(None))).scalars())


def test_a_transcript_goes_thirty_days_after_its_last_message(place, purge):
    place.conversation("old", 30.01)
    place.conversation("young", 29.99)
    place.conversation("long and still going", 0, messages=3)
    with place.engine.begin() as db:
        began = now() - timedelta(days=400)
        db.execute(conversations.update().where(conversations.c.id != "old").values(created_at=began))
    Records(place.engine).open("nobody said anything", [])
    assert purge() == {"transcripts": 1, "tickets": 0, "audit_lines": 0, "rasa_alone": 0}
    assert open_ids(place) == ["long and still going", "nobody said anything", "young"]
    assert "old" not in place.rows(messages, "conversation_id")
    assert place.rows(forget, "conversation_id") == ["old"]  # Rasa is asked, as for a patient's deletion


def test_a_conversation_without_a_word_goes_as_long_after_its_beginning(place, purge):
    place.conversation("empty", 31, messages=0, rasa=False)
    assert purge()["transcripts"] == 1
    with place.engine.connect() as db:
        assert db.execute(sa.select(conversations.c.greeting)).scalars().all() == [None]


def test_a_transcript_stays_while_a_ticket_of_it_is_not_resolved(place, purge):
    for name in ("open", "acknowledged", "resolved"):
        place.conversation(name, 40)
    place.ticket("open")
    desk_api.acknowledge(place.engine, place.ticket("acknowledged"), "Ana", now())
    reference = place.ticket("resolved", resolved_days=1)
    limits = Limits.of(place.settings, now())
    assert retention.held(place.engine, limits).count == 2
    assert purge()["transcripts"] == 1
    assert open_ids(place) == ["acknowledged", "open"]
    assert desk_api.ticket(place.engine, reference).triggers == (WORDS,)  # the ticket is the clinic's record
    desk_api.resolve(place.engine, place.ticket("open"), "Ana", now(), "Called back.")
    assert purge()["transcripts"] == 1
    assert open_ids(place) == ["acknowledged"]


def test_a_warning_sign_that_is_not_on_record_is_never_deleted(place, purge):
    place.conversation("flagged", 40)
    with place.engine.begin() as db:
        db.execute(messages.update().values(tier="emergency"))
    assert purge()["transcripts"] == 0
    place.ticket("flagged", resolved_days=1)
    assert purge()["transcripts"] == 1


def test_a_ticket_goes_long_after_it_was_resolved_with_all_that_belongs_to_it(place, purge):
    keep = place.settings.keep_tickets_days
    place.ticket("old", resolved_days=keep + 1)
    young, waiting = place.ticket("young", resolved_days=keep - 1), place.ticket("waiting")
    with place.engine.begin() as db:
        old_times = {"opened_at": now() - timedelta(days=3 * keep), "said_at": now() - timedelta(days=3 * keep)}
        db.execute(tickets.update().values(old_times))
    reopened = place.ticket("reopened", resolved_days=keep + 1)
    desk_api.reopen(place.engine, reopened, "Ana", now())
    assert purge()["tickets"] == 1
    assert place.rows(tickets, "reference") == sorted([young, waiting, reopened])
    for table in (ticket_events, deliveries):
        assert set(place.rows(table, "ticket_id")) == set(place.rows(tickets, "id"))


def test_a_ticket_is_not_deleted_before_its_transcript_which_would_open_it_anew(place, purge):
    place.conversation("c1", 5)
    place.ticket("c1", resolved_days=place.settings.keep_tickets_days + 1)
    assert purge()["tickets"] == 0
    assert purge(days=4) == {"transcripts": 1, "tickets": 1, "audit_lines": 0, "rasa_alone": 0}


def test_lines_of_the_desks_audit_log_go_as_late_as_tickets(place, purge):
    audit = metadata.tables.get("staff_audit")
    if audit is None:  # the desk's part is not in this process
        audit = sa.Table("staff_audit", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True),
                         sa.Column("at", sa.DateTime), sa.Column("action", sa.String(32)))  # fmt: skip
        audit.create(place.engine, checkfirst=True)
    keep = place.settings.keep_tickets_days
    with place.engine.begin() as db:
        for days in (keep - 1, keep + 1, keep + 2):
            db.execute(audit.insert().values(at=now() - timedelta(days=days), action="viewed"))
    assert purge()["audit_lines"] == 2
    assert len(place.rows(audit, "id")) == 1


def test_what_rasa_alone_keeps_is_forgotten_when_it_is_old_or_was_deleted(place, purge):
    place.tracker("unknown and old", 31)
    place.tracker("unknown-and-old", 31)
    place.tracker("unknown-and-young", 29)
    place.conversation("known", 31)
    place.ticket("known")  # so it stays
    place.conversation("deleted", 1)
    Records(place.engine).forget("deleted")
    Records(place.engine).forgotten_by_rasa("deleted")  # and yet its rows are there, as after a restore
    assert purge()["rasa_alone"] == 2
    assert place.rows(forget, "conversation_id") == ["deleted", "unknown-and-old"]
    assert purge()["rasa_alone"] == 0  # it waits for Rasa already


def test_a_message_that_came_as_its_conversation_was_deleted_goes_too(place, purge):
    place.conversation("c1", 1)
    Records(place.engine).forget("c1")
    with place.engine.begin() as db:
        db.execute(messages.insert().values(conversation_id="c1", message_id="late", at=now(), text=WORDS))
    purge()
    assert place.rows(messages, "text") == []


def test_a_patient_who_comes_back_in_time_keeps_the_transcript(place):
    place.conversation("c1", 40)
    limits = Limits.of(place.settings, now())
    ids = retention.TRANSCRIPTS.ids(place.engine, limits)
    Records(place.engine).receive("c1", Entry("m9", "I am back", None, now()))
    assert ids == ["c1"]
    assert retention.TRANSCRIPTS.delete_batch(place.engine, limits, ids) == 0
    assert open_ids(place) == ["c1"]


def test_patients_can_write_while_many_transcripts_are_deleted(place, purge, monkeypatch):
    monkeypatch.setattr(purging, "PAUSE_S", 0.02)
    for number in range(3 * retention.BATCH + 1):
        place.conversation(f"old-{number:03}", 31, rasa=False)
    place.conversation("here", 0)
    records, ended = Records(place.engine), threading.Event()

    def write():
        number = 0
        while not ended.is_set():
            records.receive("here", Entry(f"new{number}", "hi", None, now()))  # raises when it waits too long
            number += 1
        return number

    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(write)
        counts = purge()
        ended.set()
        assert written.result() > 0
    assert counts["transcripts"] == 3 * retention.BATCH + 1
    assert open_ids(place) == ["here"]
    assert len([name for name in place.rows(messages, "conversation_id") if name == "here"]) == written.result() + 1


def test_more_than_fits_into_one_look_is_deleted_all_the_same(place, purge, monkeypatch):
    monkeypatch.setattr(retention, "MOST", 4)
    monkeypatch.setattr(purging, "MOST", 4)
    monkeypatch.setattr(purging, "BATCH", 3)
    for number in range(11):
        place.conversation(f"old-{number}", 31, rasa=False)
    assert purge()["transcripts"] == 11


def test_deleted_words_are_in_no_file_of_sqlite(make_place, monkeypatch):
    place = make_place("sqlite")
    for number in range(30):
        place.conversation(f"old-{number}", 31, rasa=False, messages=3)
    assert words_on_disk(place)
    claimed(Purge(place.settings, "me"), Limits.of(place.settings, now()))
    assert not words_on_disk(place)


def words_on_disk(place):
    place.engine.dispose()
    return any(b"Zebulon" in path.read_bytes() for path in place.settings.var.glob("patchline.db*"))


def test_it_is_due_once_a_day_and_done_by_one_process_alone(place):
    def due():
        return purge_if_due(Purge(place.settings, upkeep.new_owner()))

    with ThreadPoolExecutor(4) as pool:
        done = [counts for counts in pool.map(lambda _: due(), range(4)) if counts is not None]
    assert len(done) == 1
    assert due() is None
    yesterday = now() - purging.EVERY - timedelta(seconds=1)
    upkeep.done(place.engine, upkeep.PURGE, yesterday, {})
    assert due() == {"transcripts": 0, "tickets": 0, "audit_lines": 0, "rasa_alone": 0}
    state = upkeep.last(place.engine, upkeep.PURGE)
    assert (state.owner, state.counts) == (None, {"transcripts": 0, "tickets": 0, "audit_lines": 0, "rasa_alone": 0})


def test_a_purge_whose_process_died_is_taken_over_when_its_lease_ends(place):
    assert upkeep.claim(place.engine, upkeep.PURGE, "dead", now())
    assert not upkeep.claim(place.engine, upkeep.PURGE, "next", now())
    later = now() + upkeep.LEASE + timedelta(seconds=1)
    assert upkeep.claim(place.engine, upkeep.PURGE, "next", later)
    assert not upkeep.renew(place.engine, upkeep.PURGE, "dead", later)


def test_a_purge_that_is_stopped_ends_after_its_batch_and_another_goes_on(place, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 1)
    for number in range(3):
        place.conversation(f"old-{number}", 31, rasa=False)
    work = Purge(place.settings, "me", told=lambda what, count: work.stop())
    with pytest.raises(Stopped):
        claimed(work, Limits.of(place.settings, now()))
    assert len(open_ids(place)) == 2
    assert purge_if_due(Purge(place.settings, "next"))["transcripts"] == 2


def test_the_gateways_task_purges_and_logs_counts_alone(place, caplog):
    place.conversation("old", 31)
    daily = Daily(place.settings)
    with caplog.at_level("INFO", "patchline.gateway"):
        asyncio.run(daily.round())
        asyncio.run(daily.round())
    assert open_ids(place) == []
    (line,) = [json.loads(record.getMessage()) for record in caplog.records if record.name == "patchline.gateway"]
    assert line == {"event": "purged", "transcripts": 1, "tickets": 0, "audit_lines": 0, "rasa_alone": 0}


def test_a_database_that_is_away_is_logged_and_the_task_lives(make_place, postgres, caplog):
    url = postgres.new_database()
    place = make_place(url)
    postgres.drop(url)
    with caplog.at_level("INFO", "patchline.gateway"):
        asyncio.run(Daily(place.settings).round())
    (line,) = [json.loads(record.getMessage()) for record in caplog.records if record.name == "patchline.gateway"]
    assert line["event"] == "purge_failed"


def test_rasas_file_is_not_made_by_looking_for_it(make_place):
    place = make_place("sqlite")
    (place.settings.var / trackers.FILE).unlink()
    place.rasa.dispose()
    claimed(Purge(place.settings, "me"), Limits.of(place.settings, now()))
    assert not (place.settings.var / trackers.FILE).exists()
