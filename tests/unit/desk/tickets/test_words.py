"""What the desk says in plain words; and a word for everything that can happen."""

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from patchline.desk import export, labels, phones
from patchline.desk.marks import excerpt, marked
from patchline.desk.rows import waiting
from patchline.desk.story import calls, repeated, story
from patchline.desk.times import Clock, ago, lasted, until
from patchline.escalation import states, tables
from patchline.escalation.case import Case, Happening, Sending
from patchline.safety.model import CATEGORIES, TIERS
from patchline.settings import ROOT

NOW = datetime(2026, 11, 22, 17, 30)
CLOCK = Clock("America/New_York")
CHANNELS = ROOT / "patchline" / "escalation" / "channels"


def case(**known):
    empty = {field.name: None for field in fields(Case)}
    base = {
        "reference": "PL-7K3F9",
        "kind": "red_flag",
        "state": "open",
        "tier": "clinic",
        "triggers": (),
        "chain_step": 1,
    }
    times = {"said_at": NOW, "opened_at": NOW - timedelta(minutes=12), "chain_due_at": NOW + timedelta(minutes=3)}
    return Case(**empty | base | times | known)


def text(pieces):
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


def test_every_category_of_the_rules_has_a_label():
    rules = yaml.safe_load((ROOT / "content" / "red_flags.yml").read_text())
    used = {group["category"] for group in rules["groups"]} | {name for names in CATEGORIES.values() for name in names}
    assert used == set(labels.CATEGORIES)


def test_everything_that_can_happen_has_a_label():
    assert set(labels.TIERS) == set(TIERS) == set(labels.TOLD)
    assert set(labels.SHAPES) == {*TIERS, "wish"}
    assert len(set(labels.SHAPES.values())) == len(labels.SHAPES)
    assert set(labels.KINDS) == set(tables.KINDS)
    assert set(labels.STATES) == set(states.STATES)
    assert set(labels.ACTIONS) >= set(states.ACTIONS)
    assert set(labels.OUTCOMES) == set(states.OUTCOMES)
    assert set(labels.SENDINGS) == {states.PENDING, states.LEASED, states.SENT, states.FAILED, states.CANCELLED}


def test_every_code_of_a_delivery_has_a_label():
    sources = [*CHANNELS.glob("*.py"), Path(states.__file__).parent / "worker.py"]
    used = {code for path in sources for code in re.findall(r'SendError\(\s*"(\w+)"', path.read_text())}
    used |= {code for path in sources for code in re.findall(r'SendError\("tls" if .* else "(\w+)"', path.read_text())}
    assert len(used) > 6
    assert used <= set(labels.CODES)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("http_503", "the service is out of order for now (503)"),
        ("http_401", "the service does not accept our password (401)"),
        ("http_429", "the service gets too many messages (429)"),
        ("smtp_550", "the mail server refuses the message (550)"),
        ("smtp_451", "the mail server is out of order for now (451)"),
        ("new_thing", "for a reason that is only known as “new_thing”"),
        (None, ""),
    ],
)
def test_a_code_is_said_in_plain_words(code, words):
    assert labels.code(code) == words


@pytest.mark.parametrize(
    ("message", "triggers", "shown"),
    [
        ("My LEG  is\nnumb now", ["leg is numb"], "My [LEG  is\nnumb] now"),
        ("my number is 5", ["num"], "my number is 5"),
        ("numb, numb", ["numb"], "[numb], [numb]"),
        ("i cant pee at all", ["cant pee", "pee at all"], "i [cant pee at all]"),
        ("39.5° fever.", ["39.5° fever"], "[39.5° fever]."),
        ("a+b (c)", ["b (c)"], "a+[b (c)]"),
        ("nothing", ["", "  "], "nothing"),
        ("", ["x"], ""),
    ],
)
def test_words_that_triggered_are_marked_and_nothing_is_lost(message, triggers, shown):
    assert text(marked(message, triggers)) == shown
    assert "".join(piece.text for piece in marked(message, triggers)) == message


def test_an_excerpt_shows_what_triggered_even_at_the_end_of_a_long_message():
    long = "I am fine today and so on, " * 20 + "but my leg is numb now"
    shown = text(excerpt(long, ["leg is numb"]))
    assert shown.startswith("… ")
    assert "[leg is numb]" in shown
    assert len(shown) < 180
    assert text(excerpt("x" * 500, [])).startswith("xxx")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "<1 min"),
        (59, "<1 min"),
        (60, "1 min"),
        (3599, "59 min"),
        (7500, "2 h 5 min"),
        (3600 * 30, "30 h"),
        (200_000, "2 days"),
    ],
)
def test_a_length_of_time_is_short(seconds, words):
    assert lasted(seconds) == words


def test_times_are_the_clinics():
    assert CLOCK.short(NOW, NOW) == "12:30"
    assert CLOCK.short(NOW - timedelta(days=1), NOW) == "Nov 21, 12:30"
    assert CLOCK.short(NOW - timedelta(days=400), NOW) == "Oct 18 2025, 13:30"
    assert CLOCK.full(NOW) == "2026-11-22 12:30:00 EST"
    assert ago(NOW - timedelta(seconds=5), NOW) == "5 s ago"
    assert until(NOW, NOW) == "now"
    first, end = CLOCK.span(date(2026, 11, 1), date(2026, 11, 1))  # the clocks go back on this day
    assert end - first == timedelta(hours=25)
    assert first.replace(tzinfo=UTC).isoformat() == "2026-11-01T04:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"held_at": NOW}, "Many come in at once: staff are called about all of them together"),
        ({}, "Next contact is called at 12:33 (in 3 min)"),
        ({"chain_step": 0}, "Staff are called at 12:33 (in 3 min)"),
        ({"chain_due_at": NOW - timedelta(seconds=1)}, "Staff are being called now"),
        ({"exhausted_at": NOW}, "Everybody was called, nobody came. All are called again at 12:33 (in 3 min)"),
        ({"chain_due_at": None}, "Nobody else is called"),
        ({"state": "acknowledged", "acknowledged_at": NOW}, "Acknowledged after 12 min"),
        ({"state": "resolved", "resolved_at": NOW}, "Resolved at 12:30"),
    ],
)
def test_a_row_says_for_what_a_ticket_waits(changes, words):
    assert waiting(case(**changes), NOW, CLOCK) == words


def happening(number, action, actor="Dana", note=None):
    return Happening(number, "PL-7K3F9", NOW, actor, action, note)


def test_a_history_is_in_words_and_who_looks_often_is_one_line():
    lines = story(
        [
            happening(1, "opened", "patient"),
            happening(2, "failed", "patchline", "Nurse (sms): http_503"),
            *(happening(number, "viewed") for number in (3, 4, 5)),
            happening(6, "called", note="no_answer: rang: twice"),
            happening(7, "raised", "patchline", "from clinic"),
        ],
        NOW,
        CLOCK,
    )
    assert [(line.who, line.note, line.times) for line in lines] == [
        ("Patchline", "it was “Call today” before", 1),
        ("Dana", "No answer: rang: twice", 1),
        ("Dana", "", 3),
        ("Patchline", "Nurse (sms): the service is out of order for now (503)", 1),
        ("Patient", "", 1),
    ]


def test_what_was_sent_to_staff_is_said_in_words():
    sent = Sending("Nurse", "sms", 1, "sent", 1, NOW, NOW, "sent")
    trying = replace(sent, state="pending", attempts=2, sent_at=None, last_code="timeout")
    lost = replace(sent, state="failed", sent_at=None, last_code="smtp_550")
    assert [(call.became, call.bad) for call in calls([sent, trying, lost], NOW, CLOCK)] == [
        ("did not arrive: the mail server refuses the message (550)", True),
        ("is tried again (2 attempts so far): the other side did not answer in time", True),
        ("arrived at the channel", False),
    ]


def test_only_the_same_deed_of_the_same_person_after_the_page_is_a_second_press():
    done = [happening(4, "noted", note="x"), happening(5, "noted", "Tom", "y")]
    assert repeated(done, 3, "Dana", "noted", "x")
    assert not repeated(done, 4, "Dana", "noted", "x")
    assert not repeated(done, 3, "Dana", "noted", "y")


def test_a_number_is_shown_as_people_read_it():
    assert phones.shown("+12025550142") == "(202) 555-0142"
    assert phones.shown("+34911234567") == "+34 911 23 45 67"
    assert phones.shown("nonsense") == "nonsense"


@pytest.mark.parametrize("cell", ["=1+1", "+12025550142", "-1", "@x", "\tx", " =1", "\n=1"])
def test_no_cell_is_a_formula(cell):
    assert export.defused(cell) == f"'{cell}"
    assert export.defused("a=b-c") == "a=b-c"
