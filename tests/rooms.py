"""A desk whose rooms are full: messages to review, edited answers, an upgrade's question, models, tickets."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from patchline.database.schema import now
from patchline.desk import accounts
from patchline.desk.models.job import State
from patchline.escalation import desk_api
from patchline.releases.files import write_json
from patchline.releases.serving import birth
from patchline.releases.store import Release, Releases
from patchline.review import acts, inbox
from patchline.review.acts import Wanted
from patchline.review.scan import scan
from patchline.review.sight import Sight
from patchline.settings import Settings, from_environment
from patchline.trial.report import Changed, Example, Finding, Gate, Meaning, Report, Rewritten, WrongSign, plain
from patchline.workspace import Author, Change, Workspace
from patchline.workspace import topics as T
from patchline.workspace.document import WORDINGS, with_wording
from tests.answers import ROOT
from tests.desk import PASSWORD, DeskSystem
from tests.reports import FULL
from tests.review import fill

EDDY, CLEO = Author("eddy", "Eddy Moss"), Author("cleo", "Cleo Orr", "clinician")
STAFF = ((EDDY, "editor"), (CLEO, "clinician"))
GREETING = "greeting"  # a wording that staff and an upgrade both change


def furnished(folder: Path, sight: Sight) -> DeskSystem:
    """Not started yet. `settings` of it are those of its gateway."""
    desk = DeskSystem(folder)
    for person, role in STAFF:
        accounts.add(desk.engine, person.login, person.name, role, PASSWORD, now())
    settings = settings_of(desk)
    _edited_before_an_upgrade(settings)
    _edited(Workspace(settings).open())
    _reviewed(desk, settings, sight)
    _released(settings)
    _raised(desk)
    return desk


def settings_of(desk: DeskSystem) -> Settings:
    return from_environment(desk.environment)


def changes(desk: DeskSystem) -> list[Change]:
    """Of the answers, the newest first."""
    return Workspace(settings_of(desk)).history()


def job(settings: Settings, *, running: bool = False, error: str = "", release: int | None = None) -> None:
    """The training that the page of models tells of, as one that this process does."""
    state = State("train", EDDY.name, "2026-11-23T09:00:00+00:00", os.getpid(), birth(os.getpid()))
    more = {"phase": "learning 18,166 examples", "release": release, "done": not running, "error": error}
    write_json(settings.releases / "job.json", vars(replace(state, **more)))


def _edited_before_an_upgrade(settings: Settings) -> None:
    """Staff changed a wording of an older installation; the one that is here changed it, too."""
    old = settings.var / "older"
    shutil.copytree(settings.content, old)
    file = old / "wordings.yml"
    file.write_text(with_wording(file.read_text(encoding="utf-8"), GREETING, "Hello. Ask me about the patch."))
    workspace = Workspace(replace(settings, content=old)).open()
    text = with_wording(workspace.read(WORDINGS), GREETING, "Hello from the clinic. Ask me about the blood patch.")
    workspace.save({WORDINGS: text}, EDDY, "The greeting names the clinic", workspace.head())


def _edited(workspace: Workspace) -> None:
    for id, answer, why in (
        ("faq/numbing", "Your back is numbed first. Ask the clinic line what you feel: {line}", "Shorter"),
        ("faq/lie_flat", "You lie flat for 99 hours after it. Ask {line}", ""),  # a number that the document has not
    ):
        topic = T.topic(workspace, id)
        text = T.with_answer(workspace.read(topic.answer_file), id, answer=answer, path=topic.answer_file)
        workspace.save({topic.answer_file: text}, EDDY, why or f"{topic.title}: the answer changed", workspace.head())


def _reviewed(desk: DeskSystem, settings: Settings, sight: Sight) -> None:
    fill(desk.engine)
    scan(settings, sight=sight)
    group = next(one for one in inbox.waiting(desk.engine) if "nail" in one.first.masked)
    messages = tuple(item.message for item in group.items)
    sentences = tuple(item.masked for item in group.sentences)
    acts.decide(
        desk.engine, Workspace(settings), [Wanted(acts.TOPIC, messages, "faq/clothing", sentences)], EDDY, now()
    )


def _released(settings: Settings) -> None:
    """One that passed and one that did not, as `Releases` keeps them."""
    for sentence, report in (("Questions about playing music", PASSED), ("More about activity", FAILED)):
        _release(settings, sentence, report)
    Releases(settings).begin("c0ffee", EDDY.name, "Cut short in the middle")


def _release(settings: Settings, sentence: str, report: Report) -> Release:
    releases = Releases(settings)
    begun = releases.begin("c0ffee", EDDY.name, sentence)
    for part in ("data", "content"):
        shutil.copytree(ROOT / part, begun.files / part)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, begun.files)
    begun.archive.write_bytes(b"model")
    write_json(begun.folder / "model.json", {"fingerprint": "abcdef0123456789"})
    return releases.finish(begun.number, plain(report))


def _raised(desk: DeskSystem) -> None:
    for minutes, words, tier, category in (
        (400, "my leg is numb since the patch", "clinic", "numb_weak"),
        (90, "the headache is back", "clinic", "headache_back"),
        (3, "this morning my legs went numb and I can't pee", "emergency", "cannot_move_legs"),
    ):
        reference = desk.warning(words, (), tier, minutes_ago=minutes, categories=(category,))
        if minutes > 60:
            desk_api.acknowledge(desk.engine, reference, "Dana Reyes", now())


PLAY, BACK = Meaning("faq/activity", "Activity after it"), Meaning("faq/back_soreness", "A sore back after it")
SIGN = Meaning("red_flag/clinic", "Call the clinic today")
PASSED = replace(
    FULL,
    gate=Gate(True),
    changes=(*FULL.changes, Changed(3, None, 4, BACK, PLAY), Changed(12, None, 1, PLAY, SIGN)),
    questions=45,
    rewritten=(Rewritten("faq/activity", PLAY.title, "Rest for a day.\n\nThen walk.", "Rest.\n\nThen walk.", 6),),
    examples=18_166,
)
FAILED = replace(
    PASSED,
    gate=Gate(False, ("It misses 3 of 530 emergencies.", "A conversation goes another way: “How long”.")),
    validation=replace(
        FULL.validation,
        errors=(
            Finding(
                "conflict",
                "The same sentence is taught for two topics; take it out of one of them.",
                (
                    Example("my leg is numb, may i walk", "faq/activity", PLAY.title, "data/faq/activity.yml", 41),
                    Example("my leg is numb, may i walk", SIGN.topic, SIGN.title, "data/safety/clinic.yml", 7),
                ),
            ),
        ),
    ),
    scores=replace(
        FULL.scores,
        signs=replace(
            FULL.scores.signs,
            wrong=(
                *FULL.scores.signs.wrong,
                WrongSign("my leg is numb, may i walk", "numb_weak", "clinic", None, live="clinic", live_right=True),
            ),
        ),
    ),
)
