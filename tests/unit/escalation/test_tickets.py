"""Tickets in a real database: one a message, whatever comes how often."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from patchline.escalation import tickets as module
from patchline.escalation.tickets import open_ticket, tickets_of


def count(engine):
    with engine.connect() as db:
        return db.exec_driver_sql("SELECT count(*) FROM tickets").scalar()


def test_a_ticket_has_everything_that_was_reported(engine, numb_leg):
    ticket = open_ticket(engine, numb_leg)
    assert ticket.state == "open"
    assert tickets_of(engine, "c1") == {"m1": ticket}
    assert ticket.escalation == numb_leg


def test_the_same_message_again_gets_the_first_ticket(engine, numb_leg):
    first, second = open_ticket(engine, numb_leg), open_ticket(engine, numb_leg)
    assert first == second
    assert count(engine) == 1


def test_a_higher_tier_raises_the_ticket_and_a_lower_one_never_lowers_it(engine, numb_leg, changed):
    reference = open_ticket(engine, numb_leg).reference
    for tier, kept in (("emergency", "emergency"), ("clinic", "emergency"), ("crisis", "crisis"), ("clinic", "crisis")):
        ticket = open_ticket(engine, changed(tier=tier))
        assert (ticket.reference, ticket.escalation.tier) == (reference, kept)
        assert tickets_of(engine, "c1")["m1"].escalation.tier == kept
    assert count(engine) == 1


def test_what_a_second_report_knows_is_added(engine, changed, numb_leg):
    open_ticket(engine, changed(categories=None, triggers=(), source="model"))
    open_ticket(engine, numb_leg)
    (ticket,) = tickets_of(engine, "c1").values()
    assert (ticket.escalation.categories, ticket.escalation.triggers) == (("numb_weak",), ("leg is numb",))
    assert ticket.escalation.source == "both"


def test_two_conversations_have_tickets_of_their_own_and_two_messages_of_one_share_one(engine, numb_leg, changed):
    reported = [numb_leg, changed(message_id="m2"), changed(conversation_id="c2")]
    first, same, other = (open_ticket(engine, item).reference for item in reported)
    assert first == same != other
    assert list(tickets_of(engine, "c1")) == ["m1", "m2"]
    assert list(tickets_of(engine, "c2")) == ["m1"]
    assert tickets_of(engine, "c3") == {}


def test_many_reports_at_once_make_one_ticket_of_the_highest_tier(engine, changed):
    tiers = ["clinic", "emergency", "crisis", "clinic"] * 2
    with ThreadPoolExecutor(4) as pool:
        references = {ticket.reference for ticket in pool.map(lambda t: open_ticket(engine, changed(tier=t)), tiers)}
    assert len(references) == count(engine) == 1
    assert tickets_of(engine, "c1")["m1"].escalation.tier == "crisis"


def test_a_reference_that_is_taken_is_drawn_again(engine, numb_leg, changed, monkeypatch):
    drawn = iter(["PL-AAAAA", "PL-AAAAA", "PL-CCCCC"])
    monkeypatch.setattr(module, "new_reference", lambda: next(drawn))
    assert open_ticket(engine, numb_leg).reference == "PL-AAAAA"
    assert open_ticket(engine, changed(conversation_id="c2")).reference == "PL-CCCCC"


def test_a_locked_database_is_an_error_soon_and_nothing_is_half_done(engine, numb_leg, held):
    with held():
        started = time.monotonic()
        with pytest.raises(sa.exc.OperationalError):
            open_ticket(engine, numb_leg)
        assert time.monotonic() - started < 2
    assert count(engine) == 0
    assert open_ticket(engine, numb_leg).escalation == numb_leg


REFUSE = {
    "sqlite": "CREATE TRIGGER refuse BEFORE INSERT ON tickets BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": "ALTER TABLE tickets ADD CONSTRAINT refused CHECK (tier = 'none')",
}


def test_an_error_of_the_database_does_not_quote_the_patient(engine, numb_leg):
    with engine.begin() as db:
        db.exec_driver_sql(REFUSE[engine.dialect.name])
    with pytest.raises(sa.exc.IntegrityError) as caught:
        open_ticket(engine, numb_leg)
    assert "leg is numb" not in str(caught.value)
