"""The review inbox on the desk: who may see it, what is decided there, and its undoing."""

import re
import sys

import pytest

from patchline.desk.review import job
from patchline.review import inbox
from patchline.review import state as states
from patchline.review.scan import scan
from patchline.review.state import State
from patchline.workspace import Workspace
from patchline.workspace.staff_tests import StaffTest, staff_tests
from patchline.workspace.topics import topic
from tests.review import fill
from tests.unit.desk.conftest import SQLITE, Browser
from tests.unit.review.conftest import sight  # noqa: F401 (the eyes of the real model)

pytestmark = SQLITE


@pytest.fixture
def month(engine, settings, sight):  # noqa: F811
    """A month of a clinic, looked through."""
    fill(engine)
    return scan(settings, sight=sight)


@pytest.fixture
def eddy(app):
    browser = Browser(app)
    assert browser.sign_in("eddy").status_code == 303
    return browser


def group_of(engine, words):
    return next(one for one in inbox.waiting(engine) if any(words in item.masked for item in one.items))


def marked(group, **more):
    return {"m": [str(item.message) for item in group.items], **more}


def test_the_inbox_is_for_editors_and_every_view_is_on_record(nina, eddy, month, deeds):
    assert nina.get("/desk/review").status_code == 403
    page = eddy.get("/desk/review")
    assert page.status_code == 200
    assert page.text.index("my lower back is stiff as a board, day 3") < page.text.index("Where do we park?")
    assert "Robert" not in page.text
    assert ("eddy", "review_viewed", None, None) in deeds()


def test_a_message_is_taught_and_undone_from_the_page(engine, eddy, month, settings, deeds):
    group = group_of(engine, "nail polish")
    page = eddy.get(f"/desk/review/{group.number}").text
    assert "What to wear" in page
    assert "(The answer about fallback.)" in page, "the chat stands beside"
    form = marked(group, act="topic", topic="faq/clothing") | {f"text-{group.items[0].message}": "nails, can they stay"}
    answer = eddy.submit(f"/desk/review/{group.number}", **form)
    assert answer.status_code == 303
    assert "nails, can they stay" in topic(Workspace(settings).open(), "faq/clothing").examples
    following = eddy.get(answer.headers["location"]).text
    assert "Taught as “What to wear”" in following
    undo = re.search(r'action="(/desk/review/undo/\d+)"', following)[1]
    assert eddy.submit(undo).status_code == 303
    assert "nails, can they stay" not in topic(Workspace(settings).open(), "faq/clothing").examples
    assert group_of(engine, "nail polish").number == group.number
    assert ("eddy", "review_decided", None, "act:topic,topic:faq/clothing,messages:2") in deeds()


def test_only_the_marked_sentences_are_decided_about(engine, eddy, month):
    group = group_of(engine, "nail polish")
    eddy.submit(f"/desk/review/{group.number}", m=str(group.items[0].message), act="discard")
    assert len(group_of(engine, "nail").items) == 1


def test_a_test_is_saved_instead_of_being_taught(engine, eddy, month, settings):
    group = group_of(engine, "what about swimming")
    eddy.submit(f"/desk/review/{group.number}", **marked(group, act="topic", topic="faq/activity", test="yes"))
    assert StaffTest("what about swimming", "faq/activity") in staff_tests(Workspace(settings).open().files())
    assert "what about swimming" not in topic(Workspace(settings).open(), "faq/activity").examples


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"act": "topic"}, "Choose a topic"),
        ({"act": "sign/later"}, "Choose how urgent"),
        ({"act": "hat"}, "Choose what to do"),
        ({"act": "discard", "m": []}, "Mark at least one"),
        ({"act": "topic", "topic": "faq/hat"}, "there is no topic"),
    ],
)
def test_what_cannot_be_done_says_why_and_keeps_what_was_typed(engine, eddy, month, form, sentence):
    group = group_of(engine, "vyvanse")
    typed = {f"text-{group.first.message}": "is vyvanse alright"}
    answer = eddy.submit(f"/desk/review/{group.number}", **(marked(group) | typed | form))
    assert answer.status_code == 409
    assert sentence in answer.text
    assert "is vyvanse alright" in answer.text


def test_several_are_discarded_at_once_and_what_is_gone_is_told(engine, eddy, month):
    groups = [group_of(engine, words) for words in ("vyvanse", "vegan")]
    numbers = [str(group.number) for group in groups]
    assert eddy.submit("/desk/review", group=numbers, act="discard").status_code == 303
    assert not {group.number for group in inbox.waiting(engine)} & {group.number for group in groups}
    assert eddy.get(f"/desk/review/{numbers[0]}").status_code == 404
    assert eddy.submit("/desk/review", act="discard").status_code == 409
    assert "Discarded" in eddy.get("/desk/review/decided").text


def test_the_spreadsheet_holds_what_waits(eddy, month):
    answer = eddy.get("/desk/review.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Where do we park?" in answer.text


def test_opening_the_inbox_starts_a_scan_when_the_last_one_is_old_and_never_two(eddy, settings, monkeypatch):
    monkeypatch.setattr(job, "COMMAND", [sys.executable, "-c", "import time; time.sleep(60)"])
    assert "Looking for new messages" in eddy.get("/desk/review").text
    first = states.read(settings)
    eddy.get("/desk/review")
    eddy.submit("/desk/review/scan")
    assert states.read(settings) == first
    assert eddy.get("/desk/review/scan").json() == {"running": True, "sentence": "starting"}
    job._jobs[-1].kill()
    job._jobs[-1].wait()
    assert not states.read(settings).running, "one that dies does not stand in the way"


def test_a_scan_that_failed_says_so_and_is_tried_again_by_hand_alone(eddy, settings):
    states.write(settings, State("failed", "There is no model to compare with."))
    assert "There is no model to compare with." in eddy.get("/desk/review").text
    assert states.read(settings).now == "failed"
