"""Finding tickets, on a real database of each kind."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from patchline.escalation import cases, desk_api
from patchline.escalation.tables import tickets
from patchline.escalation.tickets import open_ticket, open_wish

AT = datetime(2026, 11, 22, 11)


@pytest.fixture
def ana(engine, wish):
    return open_wish(engine, wish).reference


@pytest.mark.parametrize("words", ["Ana López", "ana lopez", "LÓP", "2025550142", "(202) 555-0142", "0142"])
def test_a_ticket_is_found_by_a_part_of_its_name_or_telephone(engine, ana, words):
    assert [case.reference for case in cases.find(engine, words)] == [ana]


def test_a_ticket_is_found_by_its_reference_however_it_is_written(engine, ana):
    for words in (ana, ana.lower(), ana[3:], ana.replace("-", " ")):
        assert [case.reference for case in cases.find(engine, words)] == [ana]
    assert cases.find(engine, ana[3:-1]) == []


@pytest.mark.parametrize("words", ["", " ", "%", "_", "014", "Ana Lopes", "call 0142"])
def test_nothing_is_found_by_chance(engine, ana, words):
    assert cases.find(engine, words) == []


def test_what_waits_is_found_before_what_is_done(engine, wish):
    open_, done = (open_wish(engine, replace(wish, message_id=name)).reference for name in ("m1", "m2"))
    desk_api.resolve(engine, done, "Maria", AT, "called")
    assert [case.reference for case in cases.find(engine, "Ana")] == [open_, done]


def test_the_number_of_a_chat_comes_from_whichever_ticket_has_one(engine, changed, wish):
    open_ticket(engine, changed(message_id="m0"))
    assert cases.phones(engine, ["c1"]) == {}
    open_wish(engine, wish)
    assert cases.phones(engine, ["c1", "c2"]) == {"c1": "+12025550142"}


def test_tickets_are_counted_by_state_and_found_by_the_time_of_opening(engine, ana):
    assert cases.counts(engine) == {"open": 1, "acknowledged": 0, "resolved": 0}
    opened = desk_api.ticket(engine, ana).opened_at
    assert [case.reference for case in cases.opened_between(engine, opened, opened + timedelta(seconds=1))] == [ana]
    assert cases.opened_between(engine, opened - timedelta(seconds=1), opened) == []


def test_a_limit_never_hides_an_old_open_ticket_behind_newer_or_acknowledged_ones(engine, changed, wish):
    old = open_ticket(engine, changed(message_id="old", tier="emergency")).reference
    with engine.begin() as db:
        db.execute(tickets.update().values(opened_at=AT - timedelta(days=3)))
    for number in range(4):
        newer = open_wish(engine, replace(wish, message_id=f"m{number}")).reference
        if number % 2:
            desk_api.acknowledge(engine, newer, "Maria", AT)
    assert [case.reference for case in desk_api.queue(engine, limit=1)] == [old]
