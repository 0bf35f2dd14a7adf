"""Claims, leases and retries, on a real database of each kind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline.database import engines
from patchline.escalation import desk_api, outbox
from patchline.escalation.channels.channel import SendError
from patchline.escalation.outbox import LEASE, TIMES
from patchline.escalation.tables import delivery_attempts
from patchline.escalation.tickets import open_ticket

LATER = SendError("http_503")
NEVER = SendError("http_404", permanent=True)


@pytest.fixture
def reference(engine, numb_leg, chain):
    return open_ticket(engine, numb_leg, chain).reference


@pytest.fixture
def at(engine, reference):
    """`at(90)`: so many seconds after the ticket was opened."""
    opened = desk_api.ticket(engine, reference).opened_at
    return lambda seconds: opened + timedelta(seconds=seconds)


def sendings(engine, reference):
    return [(item.contact, item.channel, item.state, item.attempts) for item in desk_api.sendings_of(engine, reference)]


def attempts(engine):
    columns = (delivery_attempts.c[name] for name in ("outcome", "code", "retry_after_s"))
    with engine.connect() as db:
        return db.execute(sa.select(*columns).order_by(delivery_attempts.c.id)).all()


def test_a_claim_is_one_workers_until_its_lease_ends(engine, reference, at):
    first = outbox.claim(engine, at(1), 10)
    assert [(claim.contact, claim.channel, claim.attempts) for claim in first] == [
        ("Nurse", "sms", 1),
        ("Nurse", "mail", 1),
    ]
    assert outbox.claim(engine, at(1) + LEASE - timedelta(seconds=1), 10) == []
    second = outbox.claim(engine, at(1) + LEASE, 10)
    assert [(claim.id, claim.attempts) for claim in second] == [(claim.id, 2) for claim in first]


def test_no_more_are_claimed_than_asked_for(engine, reference, at):
    assert [claim.channel for claim in outbox.claim(engine, at(1), 1)] == ["sms"]
    assert [claim.channel for claim in outbox.claim(engine, at(1), 1)] == ["mail"]


def test_many_workers_at_once_never_claim_the_same(url, engine, changed, chain):
    for number in range(30):
        opened = open_ticket(engine, changed(conversation_id=f"c{number}"), chain)
    now = opened.opened_at + timedelta(seconds=1)
    several = [engines.make_engine(url) for _ in range(4)]

    def work(own):
        claimed = []
        for _ in range(60):
            try:
                claimed += [claim.id for claim in outbox.claim(own, now, 3)]
            except sa.exc.OperationalError:
                continue  # the lock was another's for too long
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claimed = [number for numbers in pool.map(work, several) for number in numbers]
    for own in several:
        own.dispose()
    assert len(claimed) == len(set(claimed)) == 60


def test_chains_that_are_due_go_on_once_however_many_workers_look(url, engine, changed, chain):
    for number in range(10):
        opened = open_ticket(engine, changed(conversation_id=f"c{number}"))  # without a chain: the workers see to it
    now = opened.opened_at + timedelta(seconds=1)
    several = [engines.make_engine(url) for _ in range(4)]

    def work(own):
        for _ in range(10):
            try:
                outbox.go_on_where_due(own, chain, now)
            except sa.exc.OperationalError:
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, several))
    for own in several:
        own.dispose()
    found = [sendings(engine, case.reference) for case in desk_api.queue(engine)]
    assert found == [[("Nurse", "sms", "pending", 0), ("Nurse", "mail", "pending", 0)]] * 10


def test_what_was_sent_is_on_record_and_not_claimed_again(engine, reference, at):
    sms, mail = outbox.claim(engine, at(1), 10)
    assert outbox.sent(engine, sms, at(2))
    assert sendings(engine, reference) == [("Nurse", "sms", "sent", 1), ("Nurse", "mail", "leased", 1)]
    assert attempts(engine) == [("sent", "sent", None)]
    assert outbox.claim(engine, at(600), 10)[0].id == mail.id
    event = desk_api.events_of(engine, reference)[-1]
    assert (event.actor, event.action, event.note) == ("patchline", "delivered", "Nurse (sms)")


def test_what_a_worker_says_after_its_lease_was_lost_changes_nothing_but_the_record(engine, reference, at):
    late = outbox.claim(engine, at(1), 1)[0]
    other = outbox.claim(engine, at(1) + LEASE, 1)[0]
    assert other.id == late.id
    assert not outbox.sent(engine, late, at(62))
    assert sendings(engine, reference)[0] == ("Nurse", "sms", "leased", 2)
    outbox.not_sent(engine, late, NEVER, at(62))
    assert sendings(engine, reference)[0] == ("Nurse", "sms", "leased", 2)
    assert outbox.sent(engine, other, at(63))
    assert [row.outcome for row in attempts(engine)] == ["sent", "failed", "sent"]


def test_it_is_tried_again_after_longer_and_longer_waits_with_jitter(engine, reference, at):
    now, waits = at(1), []
    claim, mail = outbox.claim(engine, now, 10)
    outbox.sent(engine, mail, now)
    while outbox.not_sent(engine, claim, LATER, now) == "pending":
        due = desk_api.sendings_of(engine, reference)[0].due_at
        waits.append((due - now).total_seconds())
        assert outbox.claim(engine, due - timedelta(milliseconds=1), 1) == []
        now = due
        (claim,) = outbox.claim(engine, now, 1)
    assert len(waits) == TIMES - 1
    for number, wait in enumerate(waits):
        longest = min(120, 2 * 2**number)
        assert longest / 2 <= wait <= longest
    assert sendings(engine, reference)[0] == ("Nurse", "sms", "failed", TIMES)
    assert desk_api.events_of(engine, reference)[-1].note == "Nurse (sms): http_503"


def test_retry_after_is_waited_for_but_not_for_ever(engine, reference, at):
    sms, mail = outbox.claim(engine, at(0), 10)
    outbox.not_sent(engine, sms, SendError("http_429", retry_after_s=45), at(0))
    outbox.not_sent(engine, mail, SendError("http_429", retry_after_s=86_400), at(0))
    assert [item.due_at for item in desk_api.sendings_of(engine, reference)] == [at(45), at(900)]
    assert attempts(engine) == [("retry", "http_429", 45.0), ("retry", "http_429", 86_400.0)]


def test_a_final_error_of_all_channels_calls_the_next_contact_at_once(engine, reference, at, chain):
    sms, mail = outbox.claim(engine, at(1), 10)
    outbox.not_sent(engine, sms, NEVER, at(2))
    assert outbox.go_on_where_due(engine, chain, at(3)) == 0  # the mail may still arrive
    outbox.not_sent(engine, mail, NEVER, at(4))
    assert outbox.go_on_where_due(engine, chain, at(4)) == 1
    assert sendings(engine, reference)[2:] == [("Doctor", "pager", "pending", 0)]


def test_a_channel_that_works_keeps_the_wait_although_another_has_failed(engine, reference, at, chain):
    sms, mail = outbox.claim(engine, at(1), 10)
    outbox.sent(engine, sms, at(2))
    outbox.not_sent(engine, mail, NEVER, at(2))
    assert outbox.go_on_where_due(engine, chain, at(14 * 60)) == 0
    assert outbox.go_on_where_due(engine, chain, at(15 * 60)) == 1
    assert [line[0] for line in sendings(engine, reference)] == ["Nurse"] * 4


def test_after_somebody_acknowledged_nothing_is_tried_again(engine, reference, at, chain):
    sms, mail = outbox.claim(engine, at(1), 10)
    desk_api.acknowledge(engine, reference, "Maria", at(2))
    assert outbox.not_sent(engine, sms, LATER, at(3)) == "failed"
    outbox.cancel(engine, mail)
    assert outbox.claim(engine, at(9999), 10) == []
    assert outbox.go_on_where_due(engine, chain, at(9999)) == 0


def test_what_was_claimed_and_not_tried_is_there_for_the_next_worker_at_once(engine, reference, at):
    sms = outbox.claim(engine, at(1), 1)[0]
    outbox.give_back(engine, sms, at(2))
    assert ("Nurse", "sms", "pending", 0) in sendings(engine, reference)


def test_a_worse_report_calls_again_when_somebody_had_been_told(engine, reference, at, chain, changed):
    for claim in outbox.claim(engine, at(1), 10):
        outbox.sent(engine, claim, at(1))
    desk_api.acknowledge(engine, reference, "Maria", at(2))
    ticket = open_ticket(engine, changed(tier="emergency"), chain)
    assert ticket.state == "open"
    case = desk_api.ticket(engine, reference)
    assert (case.state, case.tier, case.acknowledged_by) == ("open", "emergency", None)
    assert outbox.go_on_where_due(engine, chain, case.chain_due_at) == 1
    assert [line[:3] for line in sendings(engine, reference)[2:]] == [
        ("Nurse", "sms", "pending"),
        ("Nurse", "mail", "pending"),
    ]
    assert [e.note for e in desk_api.events_of(engine, reference) if e.action == "raised"] == ["from clinic"]


def test_a_worse_report_before_anybody_was_told_shortens_the_wait_and_sends_no_second_message(
    engine, reference, at, chain, changed
):
    open_ticket(engine, changed(tier="emergency"), chain)
    assert len(sendings(engine, reference)) == 2
    due = desk_api.ticket(engine, reference).chain_due_at
    assert at(3 * 60) <= due < at(4 * 60)
