"""A sign that the patient takes back: believed and written down, and it is the nurse who decides."""

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from patchline.escalation import desk_api, history
from patchline.escalation.tables import ticket_events, tickets
from patchline.escalation.take_back import TAKEN_BACK, take_back, taken_back
from patchline.escalation.tickets import open_ticket, open_wish, tickets_of


def lines(engine):
    """Who said so, on which ticket."""
    with engine.connect() as db:
        found = history.read(db, ticket_events.c.action == TAKEN_BACK)
    return [(line.reference, line.actor) for line in found]


def rows(engine):
    with engine.connect() as db:
        return db.execute(sa.select(tickets).order_by(tickets.c.id)).all()


def test_every_sign_of_the_conversation_that_is_not_resolved_says_that_the_patient_took_it_back(engine, changed):
    first, same = (open_ticket(engine, changed(message_id=name)).reference for name in ("m1", "m2"))
    assert first == same
    assert take_back(engine, "c1") == 1
    assert lines(engine) == [(first, "patient")]
    assert taken_back(engine, "c1") == {"m1", "m2"}


def test_the_ticket_stays_as_it_is_and_the_chain_goes_on(engine, numb_leg, chain):
    open_ticket(engine, numb_leg, chain)
    before = rows(engine)
    take_back(engine, "c1")
    assert before[0].chain_due_at is not None
    assert rows(engine) == before
    assert tickets_of(engine, "c1")["m1"].state == "open"


def test_what_a_nurse_has_begun_is_noted_and_what_she_has_done_is_left_alone(engine, changed):
    done = open_ticket(engine, changed(message_id="m1")).reference
    desk_api.resolve(engine, done, "Maria", now(), "called")
    begun = open_ticket(engine, changed(message_id="m2")).reference
    desk_api.acknowledge(engine, begun, "Maria", now())
    assert take_back(engine, "c1") == 1
    assert lines(engine) == [(begun, "patient")]
    assert taken_back(engine, "c1") == {"m2"}


def test_a_wish_and_another_conversation_are_left_alone(engine, changed, wish):
    open_wish(engine, wish)
    open_ticket(engine, changed(conversation_id="c2"))
    assert take_back(engine, "c1") == 0
    assert lines(engine) == []
    assert taken_back(engine, "c1") == taken_back(engine, "c2") == set()


def test_where_nothing_was_raised_nothing_is_taken_back(engine):
    assert take_back(engine, "nobody") == 0
    assert taken_back(engine, "nobody") == set()


def test_a_sign_after_that_stands(engine, changed):
    open_ticket(engine, changed(message_id="m1"))
    take_back(engine, "c1")
    open_ticket(engine, changed(message_id="m2"))
    assert taken_back(engine, "c1") == {"m1"}


def test_without_the_database_it_is_an_error(engine, numb_leg, held):
    open_ticket(engine, numb_leg)
    with held(), pytest.raises(sa.exc.OperationalError):
        take_back(engine, "c1")
    assert taken_back(engine, "c1") == set()
