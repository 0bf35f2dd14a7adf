"""`patchline test` and `patchline compare`: models tried and compared from the command line, for a scheduled job or CI.

Nothing is kept and nothing is switched. Exit codes: 0 the gate is open, 1 it is closed or the trial failed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import sqlalchemy as sa

from patchline.database import engines
from patchline.releases.errors import Refused
from patchline.releases.release import Release
from patchline.releases.store import Releases
from patchline.settings import Settings, from_environment
from patchline.training.progress import Progress
from patchline.trial import questions, table
from patchline.trial.report import Report, report_of
from patchline.trial.run import Live, run
from patchline.workspace import Workspace

WORKSPACE = "workspace"


def test(arguments: argparse.Namespace) -> int:
    """Everything that is tested in a trial, for one release or for the workspace."""
    settings = from_environment()
    releases = Releases(settings)
    serving = releases.get(releases.serving().serving.release)
    if arguments.what == WORKSPACE:
        return _workspace(settings, releases, serving, arguments.words)
    return _tried(settings, releases, None, _release(releases, arguments.what), arguments.words)


def compare(arguments: argparse.Namespace) -> int:
    """What changes when B takes A's place."""
    settings = from_environment()
    releases = Releases(settings)
    before, after = (_release(releases, name) for name in (arguments.before, arguments.after))
    return _tried(settings, releases, before, after, arguments.words)


def _tried(settings: Settings, releases: Releases, before: Release | None, after: Release, words: bool) -> int:
    archive, content = releases.archive(after), releases.content(after)
    live = _live(releases, before) if before else None
    asked = questions.past_questions(settings) if before else []
    with tempfile.TemporaryDirectory(dir=_room(settings)) as folder:
        data = run(after.files, Path(folder), live, asked, Progress(), content=content, archive=archive)
    return _show(settings, report_of(data), words)


def _workspace(settings: Settings, releases: Releases, serving: Release, words: bool) -> int:
    workspace = Workspace(settings).open()
    with tempfile.TemporaryDirectory(dir=_room(settings)) as folder:
        files = Path(folder, "files")
        workspace.snapshot(workspace.head(), files)
        live = None if releases.cannot_serve(serving.number) else _live(releases, serving)
        data = run(files, Path(folder, "out"), live, questions.past_questions(settings), Progress())
    return _show(settings, report_of(data), words)


def _show(settings: Settings, report: Report, words: bool) -> int:
    texts = {}
    ids = [item.id for item in report.past if item.id is not None]
    if words and ids:
        engine = engines.make_upkeep_engine(engines.url_of(settings))
        try:
            texts = questions.texts(engine, ids)
        except sa.exc.SQLAlchemyError:
            texts = {}  # their numbers are shown
        finally:
            engine.dispose()
    print(*table.lines(report, texts), sep="\n")
    return 0 if report.gate.open else 1


def _live(releases: Releases, release: Release) -> Live:
    return Live(releases.archive(release), release.files, releases.content(release))


def _release(releases: Releases, name: str) -> Release:
    """Raises `Refused` for a release that there is not."""
    if name == "serving":
        return releases.get(releases.serving().serving.release)
    if not name.isascii() or not name.isdigit():
        raise Refused(f"There is no release {name!r}.", ["`patchline models` lists them by number."])
    return releases.get(int(name))


def _room(settings: Settings) -> Path:
    """Where a model is made that nobody keeps: models and releases lie there, too, so it is large enough."""
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.var
