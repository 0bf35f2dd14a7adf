"""What changes from one model to another, and how it is told."""

from datetime import timedelta

import pytest

from patchline.database.schema import now
from patchline.gateway.tables import conversations, messages
from patchline.trial import compare, questions, table, words
from patchline.trial.examine import Suite
from patchline.trial.gate import Case
from patchline.trial.pipeline import Reading, without_variant
from patchline.trial.questions import Question
from patchline.trial.report import report_of
from patchline.trial.titles import Answers
from tests.reports import FULL
from tests.unit.escalation.conftest import engine  # noqa: F401 (the database)

OLD = Answers({"faq/food": "Eating"}, {"faq/food": "Eat.", "faq/ride": "Walk."})
NEW = Answers({"faq/food": "Eating", "faq/music": "Music"}, {"faq/food": "Eat well.", "faq/music": "Play."})


def reading(topic, tier=None):
    return Reading(tuple(topic.split(" + ")), tier, 1.0)


SUITE = Suite([Case("leg numb", "clinic", "numb"), Case("fine", None, "idiom")], [("tuba?", "faq/music")], [], {})
ASKED = [Question(7, "my tuba", 2), Question(8, "grapes", 9), Question(9, "same", 1), Question(10, "calf", 1)]
BEFORE = {
    **{text: reading("nlu_fallback") for text in ("my tuba", "tuba?", "fine")},
    **{"leg numb": reading("red_flag/clinic", "clinic"), "grapes": reading("faq/food"), "same": reading("greet")},
    "calf": reading("check"),
}
AFTER = BEFORE | {
    "my tuba": reading("faq/music"),
    "tuba?": reading("faq/music"),
    "grapes": reading("faq/food + faq/music"),
    "calf": reading("red_flag/emergency", "emergency"),
}


def test_changes_come_with_warning_signs_first_then_the_most_frequent_then_messages_of_the_tests():
    found = compare.changes(SUITE, ASKED, BEFORE, AFTER, OLD, NEW)
    assert [(item.id, item.text, item.count) for item in found] == [
        (10, None, 1),
        (8, None, 9),
        (7, None, 2),
        (None, "tuba?", 1),
    ]
    assert found[0].about_safety
    assert (found[2].before.title, found[2].after.title) == ("Not understood: asks back", "Music")
    assert found[1].after.title == "Eating + Music"
    assert found[3].wanted.topic == "faq/music"


def test_nothing_changes_where_both_models_are_the_same():
    assert compare.changes(SUITE, ASKED, BEFORE, BEFORE, OLD, OLD) == ()


def test_answers_in_other_words_are_listed_with_how_often_they_were_asked_for():
    found = compare.rewritten(ASKED, AFTER, OLD, NEW)
    assert [(item.topic, item.before, item.after, item.count) for item in found] == [
        ("faq/music", None, "Play.", 11),
        ("faq/food", "Eat.", "Eat well.", 9),
        ("faq/ride", "Walk.", None, 0),
    ]


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("red_flag/clinic_es_they", "red_flag/clinic"),
        ("red_flag/crisis", "red_flag/crisis"),
        ("faq/yes_they", "faq/yes_they"),
    ],
)
def test_a_tier_is_the_same_in_any_wording(topic, expected):
    assert without_variant(topic) == expected


@pytest.fixture
def journal(engine):  # noqa: F811
    """Five messages: the same question twice, a button, one to a person, one that only this gateway answered."""
    rows = [
        {"text": "Lie flat?", "outcome": "answered"},
        {"text": "lie flat", "outcome": "timeout"},
        {"text": "Yes", "choice": "affirm", "outcome": "answered"},
        {"text": "thank you nurse", "outcome": "person"},
        {"text": "👍", "outcome": "answered"},
        {"text": "can i eat", "outcome": None},
    ]
    with engine.begin() as db:
        db.execute(conversations.insert().values(id="c", created_at=now()))
        for number, row in enumerate(rows, 1):
            at = now() + timedelta(seconds=number)
            db.execute(
                messages.insert().values(
                    {"id": number, "conversation_id": "c", "message_id": str(number), "at": at, **row}
                )
            )
    return engine


def test_past_questions_are_what_patients_typed_for_the_bot_each_once(journal):
    found = questions.past(journal)
    assert [(item.id, item.text, item.count) for item in found] == [(6, "can i eat", 1), (2, "lie flat", 2)]
    assert [item.id for item in questions.past(journal, most=1)] == [6]
    assert questions.texts(journal, [2, 99]) == {2: "lie flat"}


def test_a_report_in_the_terminal_names_past_questions_by_number_unless_asked_for_their_words():
    assert "past question 7" in "\n".join(table.lines(FULL))
    said = "\n".join(table.lines(FULL, {7: "am i flat"}))
    assert "am i flat" in said
    assert "The gate is closed." in said
    assert "CLOSED: a conversation goes another way" in said


def test_the_headline_says_how_many_questions_change():
    assert words.headline(FULL) == "1 past question of 12, asked 2 times, would be answered differently."
    assert words.headline(report_of({"gate": {"open": False}, "validation": {}})).startswith("There is no model")
