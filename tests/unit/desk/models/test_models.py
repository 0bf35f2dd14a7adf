"""The pages on models: what they show, who may press what, and that a job survives a reload."""

import errno
import os
import shutil
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from patchline.desk.models import job, pages
from patchline.desk.models.job import CUT_SHORT, Jobs
from patchline.gateway.tables import conversations, messages
from patchline.releases import serving
from patchline.releases.serving import Seat, Serving
from patchline.releases.store import Releases
from patchline.settings import ROOT
from patchline.trial.report import Gate, plain
from tests.reports import FULL
from tests.unit.desk.conftest import SQLITE, Browser

pytestmark = SQLITE
OPEN = replace(FULL, gate=Gate(True))
CHANGED = next(item.id for item in FULL.changes if item.id)


@pytest.fixture
def eddy(app):
    browser = Browser(app)
    assert browser.sign_in("eddy").status_code == 303
    return browser


@pytest.fixture
def release(settings):
    """`release(report)`: a release with this report and some bytes for a model."""

    def made(report=FULL, sentence="Questions about playing music"):
        releases = Releases(settings)
        begun = releases.begin("c0ffee", "Eddy Poe", sentence)
        for folder in ("data", "content"):
            shutil.copytree(ROOT / folder, begun.files / folder)
        shutil.copy(ROOT / "domain.yml", begun.files)
        begun.archive.write_bytes(b"model")
        (begun.folder / "model.json").write_text('{"fingerprint": "abcdef0123456789"}')
        return releases.finish(begun.number, plain(report))

    return made


def finished(browser):
    """The page once no job is under way."""
    for _ in range(100):
        text = browser.get("/desk/models").text
        if 'class="paper job"' not in text:
            return text
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_the_list_says_who_made_what_and_whether_it_passed(eddy, release):
    release()
    page = eddy.get("/desk/models").text
    assert "Questions about playing music" in page
    assert "✗ did not pass" in page
    assert "abcdef012345" in page
    assert "As installed" in page
    assert "answers patients" in page


def test_what_changes_is_said_in_the_patients_words_while_they_are_kept(eddy, engine, release):
    number = release().number
    with engine.begin() as db:
        db.execute(conversations.insert().values(id="c", created_at=now()))
        row = {"id": CHANGED, "conversation_id": "c", "message_id": "m", "at": now(), "text": "may i <b>sit</b> up"}
        db.execute(messages.insert().values(row))
    page = eddy.get(f"/desk/models/{number}").text
    assert "1 past question of 12, asked 2 times, would be answered differently." in page
    assert "may i &lt;b&gt;sit&lt;/b&gt; up" in page
    assert "Lying flat after it" in page
    with engine.begin() as db:
        db.execute(sa.delete(messages))
    assert "not kept any more" in eddy.get(f"/desk/models/{number}").text


def test_a_closed_gate_offers_no_promotion_and_refuses_one_with_its_reasons(ada, deeds, settings, release):
    number = release().number
    assert "Promote: answer patients" not in ada.get(f"/desk/models/{number}").text
    answer = ada.submit(f"/desk/models/{number}/promote")
    assert answer.status_code == 409
    assert "A conversation goes another way" in answer.text
    assert ("ada", "model_refused", None, f"release:{number}") in deeds()
    assert Releases(settings).serving().serving.release == 0


def test_an_editor_sees_and_does_not_promote(eddy, release):
    number = release(OPEN).number
    assert "Promote: answer patients" not in eddy.get(f"/desk/models/{number}").text
    assert eddy.submit(f"/desk/models/{number}/promote").status_code == 403
    assert eddy.submit("/desk/models/roll-back").status_code == 403


def test_training_goes_on_without_the_page_and_says_why_it_failed(eddy, deeds):
    assert eddy.submit("/desk/models/train", sentence="music").status_code == 303
    page = finished(eddy)
    assert "Training did not work. No time to train." in page
    assert ("eddy", "model_train", None, None) in deeds()


def test_the_page_says_how_far_a_training_is_and_refuses_a_second_one(eddy, monkeypatch):
    go_on = []

    def slow(settings, by, sentence, progress):
        progress.phase("learning 18,166 examples")
        while not go_on:
            time.sleep(0.01)
        return Releases(settings).begin("c", by, sentence)

    monkeypatch.setattr(pages, "build", slow)
    eddy.submit("/desk/models/train", sentence="music")
    time.sleep(0.2)
    again = eddy.get("/desk/models").text
    second = eddy.submit("/desk/models/train", sentence="more")
    go_on.append(True)
    assert "Learning 18,166 examples" in again
    assert second.status_code == 409
    assert "under way already" in second.text
    assert "Release 1 is trained and tried" in finished(eddy)


def test_rolling_back_does_not_wait_for_a_training(ada, deeds, settings, monkeypatch):
    go_on, rolled = [], []

    def slow(settings, by, sentence, progress):
        while not go_on:
            time.sleep(0.01)
        return Releases(settings).begin("c", by, sentence)

    def roll_back(settings, by, say):
        rolled.append(by)
        return replace(serving.read(settings).serving, release=0)

    monkeypatch.setattr(pages, "build", slow)
    monkeypatch.setattr(pages, "roll_back_release", roll_back)
    serving.write(settings, Serving(Seat(2, "b"), before=(0,)))
    ada.submit("/desk/models/train", sentence="music")
    offered = ada.get("/desk/models").text
    answer = ada.submit("/desk/models/roll-back")
    go_on.append(True)
    assert 'class="paper job"' in offered
    assert "Roll back to what was installed" in offered
    assert answer.status_code == 303
    assert rolled == ["Ada Lin"]
    assert ("ada", "model_roll_back", None, None) in deeds()
    finished(ada)


def test_a_release_with_a_number_that_the_document_does_not_have_says_so_above_its_button(ada, release):
    made = release(OPEN)
    assert "Read this before it is promoted" not in ada.get(f"/desk/models/{made.number}").text
    file = made.files / "data" / "faq" / "lie_flat.yml"
    file.write_text(file.read_text().replace("30–60", "90", 1))
    page = ada.get(f"/desk/models/{made.number}").text
    assert "Read this before it is promoted" in page
    assert "“90” does not stand in the cited lines" in page


def test_a_job_that_died_with_its_process_is_said_to_be_cut_short(settings):
    jobs = Jobs(settings)
    jobs.path.parent.mkdir(parents=True)
    jobs.path.write_text('{"kind": "train", "by": "Ana", "began": "2026-11-23T01:00:00", "pid": 1, "born": 77}')
    assert jobs.last().error == CUT_SHORT
    assert not jobs.last().running


def test_a_full_disk_is_said_and_no_job_hangs_though_its_end_cannot_be_written_down(eddy, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def work(settings, by, sentence, progress):
        monkeypatch.setattr(job, "write_json", full)
        progress.phase("learning")

    monkeypatch.setattr(pages, "build", work)
    assert eddy.submit("/desk/models/train", sentence="music").status_code == 303
    assert "The disk of the server is full." in finished(eddy)
    again = eddy.submit("/desk/models/train", sentence="music")
    assert again.status_code == 503
    assert "The disk of the server is full." in again.text
    assert "The database does not answer" not in again.text


def test_a_number_that_is_none_is_a_page_that_says_so(eddy):
    assert eddy.get("/desk/models/99").status_code == 404
    assert eddy.get("/desk/models/x").status_code == 404
