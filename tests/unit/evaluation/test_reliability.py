"""The count can fail: each kind of loss, put into the records of an otherwise good run, is reported."""

import random
from dataclasses import replace

import pytest

from evaluation import readme
from evaluation.reliability import report
from evaluation.reliability.__main__ import PAGE, STORED, kept
from evaluation.reliability.counting import count, overlaps
from evaluation.reliability.databases import Sqlite
from evaluation.reliability.records import Down, Exchange, Request, Spoken, Ticket
from evaluation.reliability.run import Options, Result
from evaluation.reliability.sayings import Candidates, script
from evaluation.reliability.troubles import Plan, kills, outages

NUMB = Spoken("c1", "numb", "rules", 10.0, True, text="my leg is numb")
FEVER = Spoken("c1", "fever", "model", 20.0, True, text="her teeth chatter")
EATING = Spoken("c2", "eating", "harmless", 30.0, True, text="may I eat")
TICKETS = [Ticket("c1", "numb", "PL-NUMB", "open"), Ticket("c1", "fever", "PL-FEVER", "open", late=True)]
SENT = [
    Request(1, "PL-NUMB", "first", 11.0, 11.1, "500", False),
    Request(1, "PL-NUMB", "first", 14.0, 14.1, "204", True),
    Request(2, "PL-FEVER", "first", 50.0, 50.1, "204", True),
]
SEEN = [Exchange(item.kind, item.began, 0.2, 200) for item in (NUMB, FEVER, EATING)]


def counted(**changes):
    good = {"spoken": [NUMB, FEVER, EATING], "exchanges": SEEN, "tickets": TICKETS, "requests": SENT}
    return count(**good | changes)


def test_a_good_run_has_no_fault():
    counts = counted()
    assert counts.faults == []
    assert (counts.flagged, counts.once_each, counts.late, counts.delivered, counts.duplicates) == (2, 2, 1, 2, 0)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"tickets": TICKETS[:1]}, "flagged messages without a ticket: 1 (model fever 'her teeth chatter')"),
        ({"tickets": [*TICKETS, replace(TICKETS[0], reference="PL-2")]}, "messages with two tickets: 1 (numb)"),
        (
            {"tickets": [*TICKETS, Ticket("c2", "eating", "PL-EAT", "open")]},
            "tickets that nobody's message asked for: 1 (PL-EAT 'may I eat')",
        ),
        ({"requests": SENT[:2]}, "tickets that never reached the receiver: 1 (PL-FEVER)"),
        (
            {"requests": [*SENT[:2], replace(SENT[2], taken=False, answer="hang")]},
            "tickets that never reached the receiver: 1 (PL-FEVER)",
        ),
        (
            {"requests": [*SENT[:2], replace(SENT[2], signed=False)]},
            "requests with a wrong signature: 1",
        ),
        (
            {"tickets": [TICKETS[0], replace(TICKETS[1], acknowledged_by="patchline")]},
            "tickets acknowledged though nobody did: 1 (PL-FEVER)",
        ),
        (
            {"tickets": [TICKETS[0], replace(TICKETS[1], state="resolved")]},
            "tickets acknowledged though nobody did: 1 (PL-FEVER)",
        ),
        (
            {"requests": [*SENT, replace(SENT[0], began=11.05, ended=12.0)]},
            "requests for a delivery while another one was under way: 1",
        ),
        ({"exchanges": [replace(SEEN[0], seconds=8.1)]}, "answers that took more than 8 s: 1"),
        ({"exchanges": [replace(SEEN[0], said=False)]}, "empty answers: 1"),
        ({"exchanges": [replace(SEEN[0], number=False)]}, "answers to a warning sign without a number: 1"),
        (
            {"exchanges": [replace(SEEN[2], status=503, number=False)]},
            "answers to a warning sign without a number: 1",
        ),
        ({"exchanges": [replace(SEEN[0], status=409)]}, "answers with an unexpected status: 1"),
        ({"exchanges": [replace(SEEN[0], status=None)]}, "connections that failed without a killed gateway: 1"),
        ({"spoken": [NUMB, FEVER, replace(EATING, answered=False)]}, "patients who never got an answer: 1"),
        ({"others": ["rasa was given up by the supervisor"]}, "rasa was given up by the supervisor"),
    ],
)
def test_each_kind_of_loss_is_reported(changes, fault):
    assert fault in counted(**changes).faults


def test_a_harmless_answer_needs_no_number():
    assert counted(exchanges=[replace(SEEN[2], number=False)]).faults == []


def test_a_connection_may_fail_while_the_gateway_was_killed():
    failed = replace(SEEN[0], status=None)
    assert counted(exchanges=[failed], downs=[Down(10.1, 13.0)]).faults == []
    assert counted(exchanges=[failed], downs=[Down(40.0, 43.0)]).unexplained == 1


def test_a_message_of_somebody_who_left_may_be_missing_only_where_the_gateway_died_over_it():
    left = replace(FEVER, answered=False, once=True)
    spoken, tickets = [NUMB, left, EATING], TICKETS[:1]
    assert counted(spoken=spoken, tickets=tickets).faults != []
    excused = counted(spoken=spoken, tickets=tickets, downs=[Down(22.0, 25.0)])
    assert (excused.faults, excused.never_arrived) == ([], 1)
    assert counted(spoken=spoken, tickets=tickets, downs=[Down(60.0, 63.0)]).faults != []
    # what was written down has arrived
    assert counted(spoken=spoken, tickets=tickets, downs=[Down(22.0, 25.0)], journal={left.key}).faults != []
    # whoever asked until there was an answer has no such excuse
    assert counted(tickets=tickets, downs=[Down(22.0, 25.0)]).faults != []


def test_an_alert_that_was_taken_twice_is_counted_and_no_fault():
    counts = counted(requests=[*SENT, replace(SENT[1], began=80.0, ended=80.1)])
    assert (counts.duplicates, counts.faults) == (1, [])


def test_requests_of_different_deliveries_may_be_under_way_together():
    one = Request(1, "PL-A", "first", 0.0, 5.0, "204", True)
    assert overlaps([one, replace(one, delivery=2)]) == 0
    assert overlaps([one, replace(one, began=5.0, ended=6.0)]) == 0
    assert overlaps([one, replace(one, began=1.0, ended=2.0), replace(one, began=3.0, ended=4.0)]) == 2


def test_a_script_has_as_many_signs_as_were_asked_for():
    known = Candidates(["a", "b"], ["c", "d"], ["e", "f"])
    conversations = script(known, 500, random.Random(1))
    kinds = [saying.kind for said in conversations for saying in said]
    assert sum(kind != "harmless" for kind in kinds) == 500
    assert set(kinds) == {"rules", "model", "button", "harmless"}
    assert conversations == script(known, 500, random.Random(1))


def test_every_program_is_killed_and_every_outage_comes_in_a_large_run_and_a_small_one():
    for number in (40, 500):
        plan = Plan.for_escalations(number)
        killed = {trouble.what for trouble in kills(plan, number, random.Random(1))}
        assert {"gateway", "rasa", "actions", "worker", "second worker", "everything at once"} <= killed
        away = {trouble.what for trouble in outages(plan, Sqlite(), number, random.Random(1))}
        assert {*Sqlite().outages, "receiver answers 503 to all"} == away


def test_the_page_shows_a_fault_and_never_says_that_nothing_was_lost_then():
    good = Result("SQLite 3", Options(), counted(), {"gateway": 2}, {"locked": [2.0, 3.0]}, 600.0, 12.0, 1.5)
    about = {"measured": "2026-01-02", "machine": "2 cores", "versions": "Rasa 3"}
    page = report.render({"sqlite": report.stored(good) | about})
    assert "**Nothing was lost.**" in page
    assert "| SIGKILL: gateway | 2 |" in page
    assert "| away: locked | 2 times, 5 s |" in page
    bad = replace(good, counts=counted(tickets=TICKETS[:1]))
    page = report.render({"sqlite": report.stored(bad) | about})
    assert "Nothing was lost" not in page
    assert "- SQLite 3: flagged messages without a ticket: 1" in page


@pytest.mark.skipif(not STORED.exists(), reason="`make reliability` has not been run yet")
def test_the_page_shows_what_the_stored_counts_say():
    assert readme.between(PAGE) == report.render(kept()), "run `python -m evaluation.reliability --table`"
