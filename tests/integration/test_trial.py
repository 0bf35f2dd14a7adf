"""A whole trial, in the process that it has in the product."""

import hashlib
import shutil

import numpy as np
import pytest

from patchline.settings import ROOT
from patchline.training.progress import Progress
from patchline.trial import rasa_checks
from patchline.trial.questions import Question
from patchline.trial.report import Meaning, report_of
from patchline.trial.run import CACHE, FILE, LOG, Live, run
from patchline.workspace.files import in_folder
from patchline.workspace.follow_ups import with_follow_ups
from patchline.workspace.stories import STORIES, with_story

SECRET = "my name is Zebulon and may I keep bees after the patch"


@pytest.fixture
def files(tmp_path):
    """A copy of what staff edit."""
    folder = tmp_path / "files"
    for name in ("data", "content"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, folder)
    return folder


def test_the_shipped_model_passes_and_is_told_apart_from_itself_by_nothing(archive, files, tmp_path):
    (files / "tests").mkdir()
    (files / "tests" / "messages.yml").write_text(
        "messages:\n- text: how long do I lie flat afterwards\n  topic: faq/lie_flat\n"
        "- text: who is the president\n  topic: faq/lie_flat\n"
    )
    live = Live(archive, ROOT)
    out = tmp_path / "out"
    data = run(files, out, live, [Question(7, SECRET, 3)], Progress(), archive=archive)
    report = report_of(data)
    assert report.gate.failures == ("1 of 2 messages that staff saved as tests are understood otherwise",)
    assert report.scores.staff_tests.failed[0].wanted == Meaning("faq/lie_flat", "Lying flat after it")
    assert report.scores.conversations.passed == report.scores.conversations.of >= 20
    assert report.scores.signs.sensitivity == report.live.signs.sensitivity
    assert report.questions == 1
    assert report.changes == ()
    assert report.validation.errors == ()
    for file in (FILE, LOG):
        assert "Zebulon" not in (out / file).read_text()
    digest = hashlib.sha256(SECRET.encode()).digest()
    for kept in (ROOT / CACHE).glob("vectors.*.npz"):
        with np.load(kept) as stored:
            assert digest not in {row.tobytes() for row in stored["keys"]}


def test_a_file_that_cannot_be_read_closes_the_gate_with_its_line_and_trains_nothing(files, tmp_path):
    (files / "data" / "faq" / "activity.yml").write_text("nlu:\n- intent: faq/activity\n examples: |\n")
    report = report_of(run(files, tmp_path / "out", None, [], Progress()))
    assert not report.gate.open
    assert report.scores is None
    assert "data/faq/activity.yml line 3" in report.gate.failures[0]
    assert not (tmp_path / "out" / "model.tar.gz").exists()


def test_a_rule_that_names_what_there_is_not_is_found_before_a_training(files):
    assert rasa_checks.check(files) == []
    rules = files / "data" / "rules.yml"
    rules.write_text(rules.read_text() + "\n- rule: broken\n  steps:\n  - intent: greet\n  - action: utter_nowhere\n")
    (found, *_) = rasa_checks.check(files)
    assert found.kind == "rasa"
    assert "utter_nowhere" in found.sentence or "broken" in found.sentence


def test_what_staff_write_of_short_questions_and_conversations_is_taken_by_rasa(files):
    given = in_folder(files)
    wanted = {"ask_how_long": "faq/position", "ask_why": "talk_to_person", "ask_more": "not_covered/risks"}
    edits = with_follow_ups(given, "faq/clothing", wanted) | {
        STORIES: with_story(given, "time, then home", ["greet", "faq/duration", "not_covered/cost", "thanks"])
    }
    gone = with_follow_ups({**given, **{path: text.encode() for path, text in edits.items()}}, "faq/relief",
                           {"ask_when": "", "ask_how_long": "faq/recovery"})  # fmt: skip
    for path, text in (edits | gone).items():
        (files / path).write_text(text)
    assert rasa_checks.check(files) == []
