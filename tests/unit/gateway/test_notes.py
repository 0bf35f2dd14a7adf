"""What the chat says of the clinic's work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from patchline.content import ContentError
from patchline.escalation.case import Happening
from patchline.escalation.patient_news import News
from patchline.gateway.notes import Notes

AT = datetime(2026, 11, 23, 15, 31)  # Monday, half past ten in the morning in New York
NOW = AT.replace(tzinfo=UTC)
NUMBERS = {"clinic": "(202) 555-0142", "emergency": "911", "crisis": "988"}


def news(action, tier="clinic", language="en", kind="red_flag", text=None):
    return News(Happening(17, "PL-7K3F9", AT, "Maria Lopez", action, text), "m1", kind, tier, language)


@pytest.fixture
def notes(content):
    return Notes(content)


def test_sent_and_seen_are_said_with_the_clinics_own_time(notes):
    assert notes.line(news("opened"), NOW)["text"].startswith("Sent to the clinic at 10:31 AM.")
    assert notes.line(news("acknowledged"), NOW)["text"].startswith("Seen by a nurse at 10:31 AM.")
    spanish = notes.line(news("acknowledged", language="es"), NOW)["text"]
    assert spanish.startswith("Lo vio una enfermera a las 10:31 de la mañana.")


def test_on_another_day_the_day_is_named(notes):
    later = NOW + timedelta(days=1)
    assert notes.line(news("opened"), later)["text"].startswith("Sent to the clinic on November 23 at 10:31 AM.")
    spanish = notes.line(news("opened", language="es"), later)["text"]
    assert spanish.startswith("Enviado a la clínica el 23 de noviembre a las 10:31 de la mañana.")


def test_what_stands_for_it_in_the_contract(notes):
    assert notes.line(news("acknowledged"), NOW) == {
        "from": "clinic",
        "kind": "note",
        "event_id": 17,
        "at": "2026-11-23T15:31:00.000Z",
        "text": "Seen by a nurse at 10:31 AM.\n\nStill call the clinic today:\n(202) 555-0142",
        "reference": "PL-7K3F9",
        "status": "seen",
        "name": None,
        "links": [{"title": "Call (202) 555-0142 (clinic line)", "href": "tel:+12025550142"}],
    }


@pytest.mark.parametrize(("action", "status"), [
    ("opened", "sent"), ("acknowledged", "seen"), ("resolved", "closed"), ("reopened", "reopened"),
    ("exhausted", None), ("joined", None), ("unanswered", None), ("handed_back", None), ("left", None),
])  # fmt: skip
def test_a_status_is_what_the_ticket_became(notes, action, status):
    assert notes.line(news(action), NOW)["status"] == status


@pytest.mark.parametrize(
    ("action", "tier", "language"),
    product(("opened", "acknowledged", "exhausted", "resolved", "reopened"), NUMBERS, ("en", "es")),
)
def test_a_note_about_a_warning_sign_keeps_the_number_to_call_as_a_link(notes, action, tier, language):
    line = notes.line(news(action, tier, language), NOW)
    assert NUMBERS[tier] in line["text"]
    assert [link["title"] for link in line["links"] if NUMBERS[tier] in link["title"]]


def test_a_request_has_its_own_words_and_says_when_the_clinic_opens(notes):
    open_, closed = NOW, NOW.replace(hour=23)
    call = news("opened", None, kind="callback")
    assert notes.line(call, open_)["text"] == "Your request for a call was sent to the clinic at 10:31 AM."
    assert notes.line(call, closed)["text"].endswith("The clinic is closed now. It opens tomorrow at 8 am.")
    booked = notes.line(news("opened", None, kind="appointment"), open_)["text"]
    assert "It is not booked yet." in booked
    assert notes.line(news("acknowledged", None, kind="callback"), open_)["text"] == "Seen by a nurse at 10:31 AM."


def test_a_message_is_the_nurses_words_and_names_the_clinic_and_not_her(notes):
    line = notes.line(news("message", text="<b>Call me</b> at (202) 555-0142"), NOW)
    assert (line["kind"], line["text"]) == ("message", "<b>Call me</b> at (202) 555-0142")
    assert line["name"] == "Nurse at Parkview Spine & Pain"
    assert line["links"][0]["href"] == "tel:+12025550142"
    assert "Lopez" not in str(line)


def test_a_sentence_that_is_missing_stops_the_start(content):
    lacking = {key: text for key, text in content.written.items() if key != "note/seen/es"}
    with pytest.raises(ContentError, match="'note/seen/es' is missing"):
        Notes(replace(content, written=lacking))
