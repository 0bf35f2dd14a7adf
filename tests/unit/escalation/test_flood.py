"""A flood of warning signs: nobody pages nurses without end, and the one patient among it reaches them first."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from patchline.escalation import desk_api, flood, outbox
from patchline.escalation.escalation import Escalation
from patchline.escalation.tables import deliveries, tickets
from patchline.escalation.tickets import AT_IT, open_ticket, tickets_of

AT = datetime(2026, 11, 30, 22)
CLASS, PATIENT = "c1a55000", "9a71e970"


def after(seconds):
    return AT + timedelta(seconds=seconds)


def contacts_called(engine):
    """How often the first contact of the chain was called, and about which tickets."""
    query = sa.select(tickets.c.reference).join_from(deliveries, tickets).where(deliveries.c.channel == "sms")
    with engine.connect() as db:
        return db.execute(query.order_by(deliveries.c.id)).scalars().all()


def come(engine, changed, chain, number, network=CLASS, at=AT, tier="emergency", name="class"):
    """So many conversations with a sign, one a second; the references."""
    opened = []
    for count in range(number):
        sign = changed(conversation_id=f"{name}{count}", tier=tier, network=network)
        opened.append(open_ticket(engine, sign, chain, at + timedelta(seconds=count)).reference)
    return opened


def test_a_network_has_a_budget_and_then_one_call_for_all_of_the_rest(engine, changed, chain):
    many = come(engine, changed, chain, 30)
    assert contacts_called(engine) == many[: flood.OF_NETWORK]
    outbox.go_on_where_due(engine, chain, after(30))
    assert contacts_called(engine) == many[: flood.OF_NETWORK + 1]
    for second in range(31, 115):
        outbox.go_on_where_due(engine, chain, after(second))
    assert len(contacts_called(engine)) == flood.OF_NETWORK + 1
    outbox.go_on_where_due(engine, chain, after(155))
    assert len(contacts_called(engine)) == flood.OF_NETWORK + 2
    assert len(desk_api.queue(engine)) == 30


def test_a_patient_elsewhere_is_called_about_at_once_and_stands_first(engine, changed, chain):
    come(engine, changed, chain, 30)
    outbox.go_on_where_due(engine, chain, after(30))
    (patient,) = come(engine, changed, chain, 1, PATIENT, after(40), name="patient")
    assert contacts_called(engine)[-1] == patient
    assert desk_api.queue(engine)[0].reference == patient
    assert desk_api.queue(engine, limit=1)[0].reference == patient


def test_a_patient_behind_the_same_network_is_in_a_bundle_and_on_the_desk(engine, changed, chain):
    come(engine, changed, chain, 10, tier="clinic")
    outbox.go_on_where_due(engine, chain, after(10))
    (patient,) = come(engine, changed, chain, 1, CLASS, after(20), name="patient")
    outbox.go_on_where_due(engine, chain, after(21))
    assert patient not in contacts_called(engine)
    outbox.go_on_where_due(engine, chain, after(131))
    assert contacts_called(engine)[-1] == patient  # the most urgent of what is held
    assert desk_api.queue(engine)[0].reference == patient


def test_while_much_comes_from_everywhere_each_network_has_one_call_and_nobody_is_called_twice(engine, changed, chain):
    for place in range(flood.BUSY // flood.OF_NETWORK + 1):
        come(engine, changed, chain, flood.OF_NETWORK, f"{place:08x}", name=f"n{place}-")
    before = len(contacts_called(engine))
    come(engine, changed, chain, 5, "ffffffff", after(30), name="late")
    assert len(contacts_called(engine)) == before + 1
    outbox.go_on_where_due(engine, chain, after(240))  # their second calls are due
    assert len(contacts_called(engine)) == before + 2  # a bundle


def test_everything_is_called_about_in_the_end(engine, changed, chain):
    many = come(engine, changed, chain, 12)
    for minute in range(1, 60):
        outbox.go_on_where_due(engine, chain, AT + timedelta(minutes=minute))
        for reference in set(contacts_called(engine)):
            if desk_api.ticket(engine, reference).state == "open":
                desk_api.acknowledge(engine, reference, "Maria", AT + timedelta(minutes=minute))
    assert set(contacts_called(engine)) == set(many)
    assert all(case.held_at is None for case in desk_api.queue(engine))


def test_where_nobody_knows_whence_it_came_everybody_is_called_about(engine, changed, chain):
    many = come(engine, changed, chain, 30, network=None)
    assert contacts_called(engine) == many


def test_a_contact_is_told_how_many_wait(engine, changed, chain):
    first, *_ = come(engine, changed, chain, 9)
    outbox.go_on_where_due(engine, chain, after(9))
    with engine.connect() as db:
        assert flood.others(db, first) == 9 - flood.OF_NETWORK - 1


def test_the_worst_goes_out_first(engine, changed, chain):
    come(engine, changed, chain, 2, None, tier="clinic", name="a")
    (crisis,) = come(engine, changed, chain, 1, None, after(5), "crisis", "b")
    assert {claim.reference for claim in outbox.claim(engine, after(10), 2)} == {crisis}


def test_thirty_signs_of_one_chat_are_one_case_and_one_call(engine, changed, chain):
    signs = [changed(message_id=f"m{number}", tier="emergency", triggers=(f"w{number}",)) for number in range(30)]
    opened = [open_ticket(engine, sign, chain, after(number)) for number, sign in enumerate(signs)]
    (case,) = desk_api.queue(engine)
    assert {ticket.reference for ticket in opened} == {case.reference}
    assert contacts_called(engine) == [case.reference]
    assert (case.signs, case.triggers[0]) == (30, "w29")
    assert len(tickets_of(engine, "c1")) == 30


def test_a_report_that_comes_twice_counts_once(engine, changed, chain):
    for _ in range(2):
        for name in ("m1", "m2"):
            open_ticket(engine, changed(message_id=name), chain, AT)
    (case,) = desk_api.queue(engine)
    assert case.signs == 2
    assert [event.action for event in desk_api.events_of(engine, case.reference)] == ["opened", "added"]


def test_a_worse_sign_of_the_same_chat_calls_again_also_about_what_somebody_has(engine, changed, chain):
    reference = open_ticket(engine, changed(message_id="m1"), chain, AT).reference
    desk_api.acknowledge(engine, reference, "Maria", after(5))
    same = open_ticket(engine, changed(message_id="m2"), chain, after(10))
    assert (same.reference, same.state, same.escalation.tier) == (reference, "acknowledged", "clinic")
    worse = open_ticket(engine, changed(message_id="m3", tier="emergency"), chain, after(20))
    assert (worse.reference, worse.state) == (reference, "open")
    outbox.go_on_where_due(engine, chain, after(21))
    assert contacts_called(engine) == [reference, reference]
    assert {name: one.escalation.tier for name, one in tickets_of(engine, "c1").items()} == {
        "m1": "emergency",
        "m2": "clinic",
        "m3": "emergency",
    }


@pytest.mark.parametrize("how", ["resolved", "long ago"])
def test_what_comes_when_nobody_is_at_it_any_more_is_a_new_case_and_calls(engine, changed, chain, how):
    first = open_ticket(engine, changed(message_id="m1"), chain, AT).reference
    if how == "resolved":
        desk_api.resolve(engine, first, "Maria", after(5), "called")
    else:
        desk_api.acknowledge(engine, first, "Maria", after(5))
    later = after(6) if how == "resolved" else after(6) + AT_IT
    second = open_ticket(engine, changed(message_id="m2"), chain, later).reference
    assert second != first
    assert contacts_called(engine) == [first, second]


def test_all_of_one_source_are_resolved_at_once_but_what_came_after_the_page(engine, changed, chain):
    many = come(engine, changed, chain, 8)
    (patient,) = come(engine, changed, chain, 1, PATIENT, name="patient")
    (source,) = flood.sources(engine)
    assert (source.network, source.open, source.since) == (CLASS, 8, AT)
    assert {case.reference for case in desk_api.queue(engine, network=CLASS)} == set(many)
    assert desk_api.resolve_all_of(engine, CLASS, "Maria", after(60), "a school class", after(5)) == 6
    left = [case.reference for case in desk_api.queue(engine)]
    assert set(left) == {patient, *many[6:]}
    with pytest.raises(desk_api.NotAllowed):
        desk_api.resolve_all_of(engine, CLASS, "Maria", after(60), "  ", after(60))


def test_what_an_older_version_left_on_the_disk_is_read(numb_leg):
    old = numb_leg.to_json()
    del old["network"]
    assert Escalation.from_json(old) == numb_leg
