"""The scan: what it finds in a month of a clinic, and that it keeps no patient's words longer than the journal."""

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from patchline.gateway import feedback, upkeep
from patchline.gateway.records import Records
from patchline.review import __main__ as job
from patchline.review import inbox, state
from patchline.review.scan import Busy
from patchline.review.tables import review_items, review_lines
from tests.review import FORM, write


def sentences(engine):
    return [{item.masked for item in group.items} for group in inbox.waiting(engine)]


def test_what_went_wrong_waits_grouped_by_meaning_and_what_went_well_does_not(engine, journal):
    groups = sentences(engine)
    everything = set().union(*groups)
    parking = {"Where do we park?", "where can my husband [name] park the car", "is there parking at the clinic"}
    assert parking | {"do you validate parking", "parking garage cost"} in groups
    assert {"can i wear nail polish", "can I keep my acrylic nails on"} in groups
    assert not everything & {"how long do I lie flat", "thanks!", "who won the game last night", "ok"}
    assert journal.new == sum(len(group) for group in groups)


def test_what_may_be_a_warning_sign_is_on_top_then_what_did_not_help(engine, journal):
    groups = inbox.waiting(engine)
    marks = ["sign" in group.reasons for group in groups]
    assert marks == sorted(marks, reverse=True)
    assert any(marks)
    rest = [group.not_helpful > 0 for group in groups if "sign" not in group.reasons]
    assert rest == sorted(rest, reverse=True)


def test_names_and_numbers_are_masked_in_the_inbox_and_in_the_chat_beside(engine, journal):
    group = next(group for group in inbox.waiting(engine) if "my name is [name]" in group.first.masked)
    said = [line.text for line in inbox.chat(engine, group.first.message)]
    assert said[0] == "my name is [name], can I nurse the baby lying down after the patch?"
    assert "call me on [phone] please" in said
    with engine.connect() as db:
        kept = str(db.execute(sa.select(review_items.c.masked)).all() + db.execute(sa.select(review_lines)).all())
    assert not [word for word in ("Maria", "Gonzalez", "555-0142", "Robert", "Patel", "jenny.k") if word in kept]


def test_a_second_look_adds_nothing_and_a_patient_who_says_later_that_it_did_not_help_adds_one(engine, journal, look):
    assert look().new == 0
    feedback.keep(engine, "review-5", "m1", False)  # "how long do I lie flat" had helped
    assert look().new == 1
    feedback.keep(engine, "review-5", "m1", True)
    look()
    assert not any("how long do I lie flat" in group for group in sentences(engine))


def test_new_messages_join_the_group_that_asks_the_same(engine, journal, look):
    write(engine, "later", "m0", "where is the parking lot", "nlu_fallback", 0.2, "fallback")
    assert look().new == 1
    assert any({"where is the parking lot", "Where do we park?"} <= group for group in sentences(engine))


def test_answers_to_a_form_never_come_into_the_inbox(engine, look):
    write(engine, "form", "m0", "call me", "talk_to_person", 0.9, "talk_to_person", reply=FORM)
    write(engine, "form", "m1", "Zbigniew Wojciechowski", "nlu_fallback", 0.1, "fallback")
    assert look().new == 0


def test_patients_words_go_with_the_conversation(engine, journal):
    for number in range(50):
        if Records(engine).transcript(f"review-{number}"):
            Records(engine).forget(f"review-{number}")
    assert inbox.waiting(engine) == []
    with engine.connect() as db:
        assert [db.execute(sa.select(sa.func.count()).select_from(table)).scalar()
                for table in (review_items, review_lines)] == [0, 0]  # fmt: skip


def test_two_scans_at_once_are_one(engine, look):
    assert upkeep.claim(engine, "review", "another", now())
    with pytest.raises(Busy):
        look()


def test_the_job_says_why_it_failed(settings, tmp_path):
    from dataclasses import replace

    there_is_none = replace(settings, models=tmp_path / "none")
    assert job.run(there_is_none) == 1
    found = state.read(settings)
    assert (found.now, found.running) == ("failed", False)
    assert "There is no model to compare with" in found.sentence
    assert job.run(there_is_none) == 1, "and it gave the work back"
