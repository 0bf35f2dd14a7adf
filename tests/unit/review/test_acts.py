"""Decisions: what they teach, and their undoing."""

import pytest

from patchline.database.schema import now
from patchline.review import acts, inbox
from patchline.review.acts import NotDone, Wanted, decide, undo
from patchline.workspace.staff_tests import StaffTest, staff_tests
from patchline.workspace.topics import topic
from tests.unit.review.conftest import ANA, SQLITE


def group_of(engine, words):
    return next(group for group in inbox.waiting(engine) if any(words in item.masked for item in group.items))


def ids(group):
    return tuple(item.message for item in group.items)


def test_a_sentence_is_taught_as_one_commit_in_the_name_of_who_did_it(engine, journal, workspace):
    group = group_of(engine, "nail polish")
    before = len(inbox.waiting(engine))
    done = decide(
        engine, workspace, [Wanted("topic", ids(group), "faq/clothing", ("can i wear nail polish",))], ANA, now()
    )
    assert "can i wear nail polish" in topic(workspace, "faq/clothing").examples
    assert done.change.author == ANA
    assert done.change.title == "From the inbox: 1 sentence for “What to wear”"
    assert len(inbox.waiting(engine)) == before - 1
    assert inbox.decisions(engine)[0].words == ("can I keep my acrylic nails on", "can i wear nail polish")


def test_undo_takes_the_sentence_out_again_and_the_messages_wait_again(engine, journal, workspace):
    group = group_of(engine, "nail polish")
    files = dict(workspace.open().files())
    done = decide(
        engine, workspace, [Wanted("topic", ids(group), "faq/clothing", ("can i wear nail polish",))], ANA, now()
    )
    assert undo(engine, workspace, done.ids[0], ANA, now()) == 2
    assert workspace.files() == files
    assert group_of(engine, "nail polish").number == group.number
    with pytest.raises(NotDone, match="undone already"):
        undo(engine, workspace, done.ids[0], ANA, now())


@SQLITE
def test_not_for_us_and_warning_signs_teach_too_and_right_and_discard_do_not(engine, journal, workspace):
    wanted = [
        Wanted("not_ours", ids(group_of(engine, "vegan")), "out_of_scope", ("does the cafeteria have vegan food",)),
        Wanted("sign", ids(group_of(engine, "water running")), "red_flag/clinic", ("water running down in my neck",)),
        Wanted("right", ids(group_of(engine, "roofer"))),
        Wanted("discard", ids(group_of(engine, "vyvanse"))),
    ]
    done = decide(engine, workspace, wanted, ANA, now())
    assert done.change.paths == ("data/safety/clinic.yml", "data/smalltalk/out_of_scope.yml")
    assert "water running down in my neck" in topic(workspace, "red_flag/clinic").examples
    assert undo(engine, workspace, done.ids[0], ANA, now()) == 2, "what was one change is undone as one"
    assert len(inbox.decisions(engine)) == 4


@SQLITE
def test_a_test_is_kept_and_one_of_a_sentence_that_is_taught_is_refused(engine, journal, workspace):
    group = group_of(engine, "what about swimming")
    decide(engine, workspace, [Wanted("topic", ids(group), "faq/activity", (), ("what about swimming",))], ANA, now())
    assert StaffTest("what about swimming", "faq/activity") in staff_tests(workspace.files())
    group, taught = group_of(engine, "shave"), topic(workspace, "faq/preparation").examples[0]
    with pytest.raises(NotDone, match="taught already"):
        decide(engine, workspace, [Wanted("topic", ids(group), "faq/preparation", (), (taught,))], ANA, now())


@SQLITE
def test_a_sentence_of_another_topic_is_not_taught_twice_and_nothing_is_done(engine, journal, workspace):
    group = group_of(engine, "nail polish")
    theirs = topic(workspace.open(), "faq/lie_flat").examples[0]
    head = workspace.head()
    with pytest.raises(NotDone, match="is taught as “Lying flat after it” already"):
        decide(engine, workspace, [Wanted("topic", ids(group), "faq/clothing", (theirs,))], ANA, now())
    assert workspace.head() == head
    assert group_of(engine, "nail polish")


@SQLITE
def test_of_two_people_the_second_is_told(engine, journal, workspace):
    wanted = [Wanted("discard", ids(group_of(engine, "vyvanse")))]
    decide(engine, workspace, wanted, ANA, now())
    with pytest.raises(NotDone, match="Somebody has decided"):
        decide(engine, workspace, wanted, ANA, now())


@SQLITE
def test_a_sentence_that_stands_there_already_writes_nothing_and_is_decided(engine, journal, workspace):
    group = group_of(engine, "nail polish")
    known = topic(workspace.open(), "faq/clothing").examples[0]
    done = decide(engine, workspace, [Wanted("topic", ids(group), "faq/clothing", (known,))], ANA, now())
    assert done.change is None
    assert undo(engine, workspace, done.ids[0], ANA, now()) == 2


def test_every_act_has_a_word():
    from patchline.desk.review import words

    for act in acts.ACTS:
        one = inbox.Decision(1, now(), "Ana", act, "red_flag/crisis", 1, "c0ffee", None, None)
        assert words.decision(one, {}) != act
