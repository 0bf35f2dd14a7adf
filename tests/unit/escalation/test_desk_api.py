"""What people do with tickets, on a real database of each kind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from patchline.escalation import desk_api as desk
from patchline.escalation.states import OUTCOMES, NotAllowed, UnknownTicket
from patchline.escalation.tickets import open_ticket, open_wish

AT = datetime(2026, 11, 22, 11)


@pytest.fixture
def reference(engine, numb_leg, chain):
    return open_ticket(engine, numb_leg, chain).reference


def actions(engine, reference):
    return [(event.actor, event.action, event.note) for event in desk.events_of(engine, reference)]


def sendings(engine, reference):
    return [(sending.contact, sending.channel, sending.state) for sending in desk.sendings_of(engine, reference)]


def test_a_ticket_has_its_first_deliveries_from_the_beginning(engine, reference):
    assert sendings(engine, reference) == [("Nurse", "sms", "pending"), ("Nurse", "mail", "pending")]
    assert actions(engine, reference) == [("patient", "opened", None)]


def test_a_ticket_shows_everything_that_was_reported(engine, reference, numb_leg):
    case = desk.ticket(engine, reference)
    assert (case.kind, case.state, case.tier, case.triggers) == ("red_flag", "open", "clinic", ("leg is numb",))
    assert (case.categories, case.said_at, case.language) == (("numb_weak",), numb_leg.said_at, "en")
    assert case.waited_s(case.opened_at + timedelta(minutes=4)) == 240


def test_who_acknowledges_has_it_and_nobody_else_is_called(engine, reference):
    case = desk.acknowledge(engine, reference, "Maria", AT)
    assert (case.state, case.acknowledged_by, case.acknowledged_at) == ("acknowledged", "Maria", AT)
    assert (case.assigned_to, case.chain_due_at) == ("Maria", None)
    assert {state for *_, state in sendings(engine, reference)} == {"cancelled"}
    assert actions(engine, reference)[-1] == ("Maria", "acknowledged", None)


def test_two_taps_of_one_person_are_one_and_a_second_person_is_told(engine, reference):
    first = desk.acknowledge(engine, reference, "Maria", AT)
    assert desk.acknowledge(engine, reference, "Maria", AT + timedelta(minutes=1)) == first
    with pytest.raises(NotAllowed, match=r"PL-.* somebody has acknowledged it already"):
        desk.acknowledge(engine, reference, "Tom", AT)
    assert len(actions(engine, reference)) == 2


def test_of_many_who_acknowledge_at_once_one_has_it(engine, reference):
    def try_(name):
        try:
            return desk.acknowledge(engine, reference, name, AT).acknowledged_by
        except NotAllowed:
            return None

    with ThreadPoolExecutor(4) as pool:
        winners = [name for name in pool.map(try_, ["Ana", "Ben", "Cem", "Dua"]) if name]
    assert winners == [desk.ticket(engine, reference).acknowledged_by]


def test_a_resolved_ticket_says_how_and_needs_no_step_in_between(engine, reference):
    with pytest.raises(NotAllowed, match="few words"):
        desk.resolve(engine, reference, "Maria", AT, "  ")
    case = desk.resolve(engine, reference, "Maria", AT, "went to the ER")
    assert (case.state, case.resolved_at, case.chain_due_at) == ("resolved", AT, None)
    assert actions(engine, reference)[-1] == ("Maria", "resolved", "went to the ER")
    assert {state for *_, state in sendings(engine, reference)} == {"cancelled"}


def test_a_reopened_ticket_waits_for_a_person_again_and_its_chain_begins_anew(engine, reference):
    desk.acknowledge(engine, reference, "Maria", AT)
    case = desk.reopen(engine, reference, "Maria", AT, "shift is over")
    assert (case.state, case.acknowledged_by, case.chain_due_at) == ("open", None, AT)
    desk.resolve(engine, reference, "Tom", AT, "called")
    assert desk.reopen(engine, reference, "Tom", AT).state == "open"
    assert desk.ticket(engine, reference).resolved_at is None


def test_who_has_called_has_acknowledged(engine, reference):
    case = desk.call_outcome(engine, reference, "Maria", AT, "no_answer", "rang twice")
    assert (case.state, case.acknowledged_by) == ("acknowledged", "Maria")
    assert [line[1:] for line in actions(engine, reference)[1:]] == [
        ("acknowledged", None),
        ("called", "no_answer: rang twice"),
    ]
    desk.call_outcome(engine, reference, "Tom", AT, "reached")
    assert desk.ticket(engine, reference).acknowledged_by == "Maria"
    with pytest.raises(NotAllowed, match=OUTCOMES[0]):
        desk.call_outcome(engine, reference, "Tom", AT, "shrugged")


def test_what_does_not_fit_is_refused_and_leaves_no_trace(engine, reference):
    desk.resolve(engine, reference, "Maria", AT, "done")
    before = desk.ticket(engine, reference), actions(engine, reference)
    for refused in (
        lambda: desk.acknowledge(engine, reference, "Tom", AT),
        lambda: desk.resolve(engine, reference, "Tom", AT, "again"),
        lambda: desk.reassign(engine, reference, "Tom", AT, "Ana"),
        lambda: desk.call_outcome(engine, reference, "Tom", AT, "reached"),
        lambda: desk.note(engine, reference, "Tom", AT, "  "),
        lambda: desk.message_to_patient(engine, reference, "Tom", AT, ""),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert (desk.ticket(engine, reference), actions(engine, reference)) == before


def test_an_unknown_reference_is_named(engine):
    for ask in (
        lambda: desk.ticket(engine, "PL-XXXXX"),
        lambda: desk.acknowledge(engine, "PL-XXXXX", "Maria", AT),
        lambda: desk.viewed(engine, "PL-XXXXX", "Maria", AT),
    ):
        with pytest.raises(UnknownTicket, match="There is no ticket PL-XXXXX"):
            ask()


def test_reassigning_changes_who_has_it_and_not_the_state(engine, reference):
    case = desk.reassign(engine, reference, "Maria", AT, "Tom")
    assert (case.state, case.assigned_to) == ("open", "Tom")
    assert case.chain_due_at is not None
    assert actions(engine, reference)[-1] == ("Maria", "reassigned", "Tom")


def test_a_patient_sees_what_is_theirs_and_no_note_of_the_staff(engine, reference, changed):
    other = open_ticket(engine, changed(conversation_id="c2")).reference
    desk.viewed(engine, reference, "Maria", AT)
    desk.note(engine, reference, "Maria", AT, "sounds anxious")
    desk.acknowledge(engine, reference, "Maria", AT)
    desk.message_to_patient(engine, reference, "Maria", AT, "We will call you in ten minutes.")
    desk.message_to_patient(engine, other, "Maria", AT, "For somebody else.")
    desk.resolve(engine, reference, "Maria", AT, "sent to the ER")
    seen = desk.events_for_patient(engine, "c1")
    assert [(event.action, event.note) for event in seen] == [
        ("opened", None),
        ("acknowledged", None),
        ("joined", None),
        ("message", "We will call you in ten minutes."),
        ("handed_back", None),
        ("resolved", None),
    ]
    assert desk.events_for_patient(engine, "c1", after_id=seen[1].id) == seen[2:]


def test_the_queue_has_the_most_urgent_first(engine, changed, wish, chain):
    opened = {
        name: open_ticket(engine, changed(conversation_id=name, tier=tier), chain).reference
        for name, tier in [("old", "clinic"), ("young", "clinic"), ("crisis", "crisis"), ("seen", "crisis")]
    }
    opened["wish"] = open_wish(engine, wish, chain).reference
    opened["done"] = open_ticket(engine, changed(conversation_id="done"), chain).reference
    desk.acknowledge(engine, opened["seen"], "Maria", AT)
    desk.resolve(engine, opened["done"], "Maria", AT, "called")
    names = {reference: name for name, reference in opened.items()}
    assert [names[case.reference] for case in desk.queue(engine)] == ["crisis", "old", "young", "wish", "seen"]
    assert [names[case.reference] for case in desk.queue(engine, states=["resolved"])] == ["done"]


def test_a_wish_is_a_ticket_with_the_number_to_call(engine, wish, chain):
    first = open_wish(engine, wish, chain)
    assert open_wish(engine, wish, chain).reference == first.reference
    (case,) = desk.cases_of(engine, "c1")
    assert (case.kind, case.tier, case.name, case.phone) == ("callback", None, "Ana López", "+12025550142")
    assert (case.best_time, case.consent_at, case.source, case.language) == ("after 3", wish.consent_at, "form", "es")
    assert len(sendings(engine, first.reference)) == 2


def test_a_warning_sign_in_the_message_that_finished_a_form_has_a_ticket_of_its_own(engine, wish, numb_leg, chain):
    callback = open_wish(engine, wish, chain).reference
    flag = open_ticket(engine, numb_leg, chain).reference
    assert flag != callback
    assert [case.kind for case in desk.cases_of(engine, "c1")] == ["callback", "red_flag"]
