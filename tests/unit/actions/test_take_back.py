"""`action_take_back`: a sign that was a misunderstanding, run as the action server runs it, on a real database."""

import asyncio
import logging
from datetime import datetime

import pytest
import sqlalchemy as sa
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import take_back as module
from actions.take_back import CLEAR, TakeBack, raised
from patchline.database import engines
from patchline.escalation.escalation import Escalation
from patchline.escalation.tables import ticket_events
from patchline.escalation.take_back import TAKEN_BACK, taken_back
from patchline.escalation.tickets import open_ticket
from tests.tables import make_tables

BACK = {"event": "slot", "name": "taken_back", "value": "m2"}


@pytest.fixture
def engine(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'patchline.db'}"
    make_tables(url)
    engine = engines.make_engine(url)
    monkeypatch.setattr(module, "engine", lambda: engine)
    yield engine
    engine.dispose()


def answer(topic):
    """A bot's message as the tracker keeps it."""
    return {"event": "bot", "text": "…", "metadata": {"utter_action": "utter_x", "metadata": {"topic": topic}}}


def ticket(engine, tier="clinic", message_id="m1"):
    return open_ticket(engine, Escalation("c1", message_id, tier, "both", datetime(2026, 11, 22, 10, 32)))


def tracker(text, *events, message_id="m9"):
    said = {"event": "user", "text": text, "message_id": message_id, "timestamp": 1795343520.0}
    return Tracker(
        "c1", {}, {"text": text, "message_id": message_id}, [*events, said], False, None, {}, "action_listen"
    )


def run(text, *events, **more):
    """The responses, and the slots that are set."""
    dispatcher = CollectingDispatcher()
    found = asyncio.run(TakeBack().run(dispatcher, tracker(text, *events, **more), {}))
    return [message["response"] for message in dispatcher.messages], {item["name"]: item["value"] for item in found}


def noted(engine):
    with engine.connect() as db:
        return db.execute(sa.select(ticket_events.c.actor).where(ticket_events.c.action == TAKEN_BACK)).scalars().all()


def test_a_sign_that_is_taken_back_is_noted_and_remembered_with_the_message(engine):
    ticket(engine)
    assert run("that is not what I meant", answer("red_flag/clinic")) == (["utter_taken_back"], {"taken_back": "m9"})
    assert noted(engine) == ["patient"]
    assert taken_back(engine, "c1") == {"m1"}


def test_where_nothing_was_raised_there_is_nothing_to_take_back(engine):
    assert run("you misunderstood me", answer("faq/lie_flat")) == (["utter_take_back"], {})
    assert noted(engine) == []


@pytest.mark.parametrize("tier", ["emergency", "crisis"])
def test_after_911_or_988_a_word_that_may_mean_that_it_is_over_is_asked_about(engine, tier):
    ticket(engine, tier)
    assert run("she is fine", answer(f"red_flag/{tier}_es_they")) == (["utter_take_back_ask"], {})
    assert noted(engine) == []


@pytest.mark.parametrize("said", ["/take_back", "no, I meant WHAT IF that happens", "that was my sister years ago"])
@pytest.mark.parametrize("tier", ["emergency", "crisis"])
def test_a_button_and_a_clear_word_take_back_911_and_988_too(engine, tier, said):
    ticket(engine, tier)
    assert run(said, answer(f"red_flag/{tier}"))[0] == ["utter_taken_back"]
    assert noted(engine) == ["patient"]


def test_the_clinics_line_needs_no_clear_word(engine):
    ticket(engine)
    assert run("she is fine", answer("red_flag/clinic_they"))[0] == ["utter_taken_back"]


@pytest.mark.parametrize(
    "said",
    [
        "you misunderstood", "u misread that", "autocorrect, sorry", "false alarm", "I never said that", "i said IF",
        "that's not what i meant", "it was long ago", "it's not me", "just testing", "nothing is wrong", "only asking",
        "i didnt mean that", "no one is hurt", "it isn't happening", "typo", "hypothetically",
    ],
)  # fmt: skip
def test_these_words_are_clear(said):
    assert CLEAR.search(said)


@pytest.mark.parametrize("said", ["she is fine", "I feel better", "no", "ok thanks", "it stopped", "he can pee again"])
def test_these_may_mean_that_it_is_over(said):
    assert not CLEAR.search(said)


@pytest.mark.parametrize(
    ("events", "tier"),
    [
        ([], None),
        ([answer("faq/lie_flat"), answer("fallback")], None),
        ([answer("red_flag/clinic"), answer("red_flag/emergency_es"), answer("red_flag/clinic_they")], "emergency"),
        ([answer("red_flag/emergency"), BACK], None),
        ([answer("red_flag/emergency"), BACK, answer("red_flag/clinic")], "clinic"),
        ([answer("red_flag/emergency"), {**BACK, "value": None}], "emergency"),
        ([answer("red_flag/emergency"), {**BACK, "name": "asked"}], "emergency"),
        ([{"event": "bot", "text": "…"}, {"event": "bot", "text": "…", "metadata": {}}], None),
    ],
)
def test_the_worst_tier_since_the_last_word_is_what_can_be_taken_back(events, tier):
    assert raised(tracker("you misunderstood", *events)) == tier


def test_what_is_taken_back_already_is_not_taken_back_again(engine):
    ticket(engine)
    assert run("a mistake", answer("red_flag/clinic"), BACK) == (["utter_take_back"], {})
    assert noted(engine) == []


def test_without_a_ticket_it_is_believed_and_nobody_claims_that_it_was_noted(engine):
    assert run("a mistake", answer("red_flag/clinic")) == (["utter_taken_back_unnoted"], {"taken_back": "m9"})


def test_without_the_database_it_is_believed_and_the_log_has_ids_only(engine, tmp_path, caplog):
    ticket(engine)
    with engines.writing(engines.make_engine(f"sqlite:///{tmp_path / 'patchline.db'}")), caplog.at_level(logging.ERROR):
        found = run("Maria made a typo", answer("red_flag/clinic"))
    assert found == (["utter_taken_back_unnoted"], {"taken_back": "m9"})
    (record,) = [record for record in caplog.records if record.name == "actions.take_back"]
    assert record.ids == {"conversation": "c1"}
    assert "Maria" not in caplog.text


def test_a_message_without_an_id_is_remembered_too(engine):
    ticket(engine)
    assert run("a mistake", answer("red_flag/clinic"), message_id=None)[1] == {"taken_back": "yes"}
