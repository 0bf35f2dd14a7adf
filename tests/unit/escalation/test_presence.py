"""A person of the clinic in the chat, on a real database of each kind."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from patchline.database.engines import writing
from patchline.escalation import desk_api as desk
from patchline.escalation import history, presence
from patchline.escalation.patient_news import follow, news_of
from patchline.escalation.states import NotAllowed
from patchline.escalation.tickets import open_ticket

AT = datetime(2026, 11, 22, 11)


def after(minutes):
    return AT + timedelta(minutes=minutes)


@pytest.fixture
def reference(engine, numb_leg):
    return open_ticket(engine, numb_leg).reference


def at_last(work, *args):
    """As people do: again, where a slow machine has kept the database's lock for longer than a patient waits for it."""
    for _ in range(100):
        try:
            return work(*args)
        except sa.exc.OperationalError:
            time.sleep(0.05)
    return work(*args)


def seen(engine, conversation="c1"):
    return [news.happening.action for news in news_of(engine, conversation)]


def there(engine, minutes):
    return presence.person_in_chat(engine, "c1", after(minutes))


def test_who_writes_to_a_patient_is_in_the_chat_for_ten_minutes_from_the_last_message_on(engine, reference):
    assert not there(engine, 0)
    desk.acknowledge(engine, reference, "Maria", AT)
    assert not there(engine, 0)
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    assert there(engine, 9.9)
    assert not there(engine, 10)
    desk.message_to_patient(engine, reference, "Maria", after(8), "Still there?")
    assert there(engine, 17.9)
    assert not presence.person_in_chat(engine, "c2", after(1))
    assert seen(engine) == ["opened", "acknowledged", "joined", "message", "message"]


def test_handing_back_ends_it_and_a_second_time_there_is_nobody_to_leave(engine, reference):
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    desk.hand_back(engine, reference, "Maria", after(1))
    assert not there(engine, 1)
    with pytest.raises(NotAllowed, match=f"{reference}: nobody of the clinic is in this chat"):
        desk.hand_back(engine, reference, "Maria", after(1))
    desk.message_to_patient(engine, reference, "Maria", after(2), "One more thing.")
    assert there(engine, 3)
    assert seen(engine)[1:] == ["joined", "message", "handed_back", "joined", "message"]


def test_resolving_the_ticket_that_she_writes_from_ends_it_and_another_one_does_not(engine, reference, changed):
    other = open_ticket(engine, changed(message_id="m2", late=True)).reference
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    desk.resolve(engine, other, "Tom", AT, "the same")
    assert there(engine, 1)
    desk.resolve(engine, reference, "Maria", after(2), "talked on the telephone")
    assert not there(engine, 2)
    assert seen(engine)[2:] == ["joined", "message", "resolved", "handed_back", "resolved"]


def test_a_message_from_a_resolved_ticket_is_read_and_keeps_nobody_quiet(engine, reference):
    desk.resolve(engine, reference, "Maria", AT, "done")
    desk.message_to_patient(engine, reference, "Maria", AT, "See you on Monday.")
    assert not there(engine, 1)
    assert seen(engine) == ["opened", "resolved", "message"]


def test_what_the_patient_writes_meanwhile_is_on_record_once_for_each_message(engine, reference):
    assert not presence.wrote(engine, "c1", "m5", AT)  # nobody there: the bot has to answer
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    assert presence.wrote(engine, "c1", "m5", after(1))
    assert presence.wrote(engine, "c1", "m5", after(1))
    assert not presence.wrote(engine, "c1", "m6", after(10))
    lines = [(event.actor, event.action, event.note) for event in desk.events_of(engine, reference)]
    assert lines[3:] == [("patient", "wrote", "m5")]
    assert "wrote" not in seen(engine)


def test_the_desk_sees_who_waits_for_an_answer_until_a_person_takes_note(engine, reference, changed):
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    assert presence.unanswered(engine) == {}
    presence.wrote(engine, "c1", "m5", after(1))
    presence.wrote(engine, "c1", "m6", after(2))
    assert presence.unanswered(engine) == {reference: after(1)}
    presence.lapse(engine, "c1", after(10))
    assert presence.unanswered(engine) == {reference: after(1)}  # the bot is no person
    desk.viewed(engine, reference, "Maria", after(11))
    assert presence.unanswered(engine) == {}


@pytest.mark.parametrize("take_note", [
    lambda engine, mine, other: desk.message_to_patient(engine, mine, "Maria", after(3), "I see."),
    lambda engine, mine, other: desk.viewed(engine, other, "Tom", after(3)),
    lambda engine, mine, other: desk.call_outcome(engine, mine, "Maria", after(3), "reached"),
    lambda engine, mine, other: desk.hand_back(engine, mine, "Maria", after(3)),
    lambda engine, mine, other: desk.resolve(engine, mine, "Maria", after(3), "done"),
])  # fmt: skip
def test_each_of_these_is_taking_note(engine, reference, changed, take_note):
    other = open_ticket(engine, changed(message_id="m2", late=True)).reference
    foreign = open_ticket(engine, changed(conversation_id="c2")).reference
    for ticket, conversation in ((reference, "c1"), (foreign, "c2")):
        desk.message_to_patient(engine, ticket, "Maria", AT, "How are you?")
        presence.wrote(engine, conversation, "m5", after(1))
    take_note(engine, reference, other)
    assert presence.unanswered(engine) == {foreign: after(1)}


def test_who_has_no_answer_within_three_minutes_is_told_once_after_each_message(engine, reference):
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    assert not presence.lapse(engine, "c1", after(5))  # nobody waits
    presence.wrote(engine, "c1", "m5", after(5))
    assert not presence.lapse(engine, "c1", after(7.9))
    assert presence.lapse(engine, "c1", after(8))
    assert not presence.lapse(engine, "c1", after(8))
    assert there(engine, 8)
    desk.message_to_patient(engine, reference, "Maria", after(9), "I am here.")
    presence.wrote(engine, "c1", "m6", after(9))
    assert presence.lapse(engine, "c1", after(12))
    assert seen(engine)[1:] == ["joined", "message", "unanswered", "message", "unanswered"]


def test_ten_minutes_after_her_last_message_it_is_written_down_once_that_she_left(engine, reference):
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    presence.wrote(engine, "c1", "m5", after(9))
    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(lambda _: at_last(presence.lapse, engine, "c1", after(14)), range(4)))
    assert sorted(written) == [False, False, False, True]
    assert seen(engine)[1:] == ["joined", "message", "left"]


def test_who_writes_again_before_anybody_noticed_has_not_left(engine, reference):
    desk.message_to_patient(engine, reference, "Maria", AT, "How are you?")
    desk.message_to_patient(engine, reference, "Maria", after(20), "Are you there?")
    assert there(engine, 21)
    assert seen(engine)[1:] == ["joined", "message", "message"]


def test_two_who_write_at_the_same_time_join_once(engine, reference, changed):
    other = open_ticket(engine, changed(message_id="m2", late=True)).reference
    tickets = [reference, other] * 3
    with ThreadPoolExecutor(6) as pool:
        write = desk.message_to_patient
        list(pool.map(lambda ticket: at_last(write, engine, ticket, "Maria", AT, "Hello."), tickets))
    assert sorted(seen(engine)[2:]) == ["joined"] + ["message"] * 6
    assert seen(engine)[2] == "joined"


def test_many_conversations_are_followed_each_from_its_own_place(engine, changed):
    places = {}
    for name in ("a", "b", "c"):
        ticket = open_ticket(engine, changed(conversation_id=name)).reference
        places[name] = news_of(engine, name)[-1].happening.id
        desk.acknowledge(engine, ticket, "Maria", AT)
    desk.message_to_patient(engine, ticket, "Maria", AT, "How are you?")
    found = follow(engine, {"a": 0, "b": places["b"], "c": 10**15, "nobody": 0}, after(1))
    actions = {name: [news.happening.action for news in followed.news] for name, followed in found.items()}
    assert actions == {"a": ["opened", "acknowledged"], "b": ["acknowledged"], "c": [], "nobody": []}
    assert [name for name, followed in found.items() if followed.presence.with_person] == ["c"]


def test_more_conversations_than_one_statement_takes(engine, changed):
    open_ticket(engine, changed(conversation_id="last"))
    found = follow(engine, {f"c{number}": 0 for number in range(1200)} | {"last": 0}, AT)
    assert len(found) == 1201
    assert len(found["last"].news) == 1


def test_the_lines_of_a_conversation_become_visible_in_the_order_of_their_ids(engine, reference, changed):
    """While one transaction has written a line and not committed, another one of the same chat waits for it."""
    other = open_ticket(engine, changed(message_id="m2", late=True)).reference
    elsewhere = open_ticket(engine, changed(conversation_id="c2")).reference
    last = news_of(engine, "c1")[-1].happening.id
    began = threading.Event()
    server = engine.dialect.name == "postgresql"

    def second():
        began.set()
        at_last(desk.message_to_patient, engine, other, "Tom", AT, "second")

    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as db:
            history.write(db, desk_row(db, reference), AT, "Maria", "acknowledged")
            writer = pool.submit(second)
            began.wait(5)
            time.sleep(0.2)
            assert news_of(engine, "c1", last) == []
            if server:  # who writes to somebody else does not wait
                desk.message_to_patient(engine, elsewhere, "Tom", AT, "for somebody else")
        writer.result(5)
    found = [news.happening for news in news_of(engine, "c1", last)]
    assert [happening.action for happening in found] == ["acknowledged", "joined", "message"]
    assert [happening.id for happening in found] == sorted(happening.id for happening in found)


def test_a_reader_that_goes_on_after_the_last_id_misses_nothing_while_many_write(engine, changed):
    references = [open_ticket(engine, changed(message_id=f"m{number}", late=True)).reference for number in range(4)]
    done, found, last = threading.Event(), [], news_of(engine, "c1")[-1].happening.id

    def read():
        nonlocal last
        while True:
            over = done.is_set()
            news = follow(engine, {"c1": last}, AT)["c1"].news
            found.extend(item.happening.id for item in news)
            last = found[-1] if found else last
            if over and not news:
                return

    def write(reference):
        for number in range(12):
            at_last(desk.message_to_patient, engine, reference, "Maria", AT, f"{number}")

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read)
        try:
            for writer in [pool.submit(write, reference) for reference in references]:
                writer.result(60)
        finally:
            done.set()
        reader.result(60)
    assert found == [item.happening.id for item in news_of(engine, "c1")][4:]
    assert len(found) == 1 + 4 * 12


def desk_row(db, reference):
    return db.exec_driver_sql(f"SELECT id FROM tickets WHERE reference = '{reference}'").scalar_one()
