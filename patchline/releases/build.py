"""Makes a release: the workspace's files as they are now, trained, tried, and sealed with what the trial said."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from patchline.database import engines
from patchline.releases.release import Release
from patchline.releases.store import Releases
from patchline.settings import Settings

# (settings, files, out, progress) -> the report; model.tar.gz and model.json are in out then.
Trial = Callable[[Settings, Path, Path, Any], Mapping[str, Any]]


def build(settings: Settings, by: str, sentence: str, progress: Any, trial: Trial | None = None) -> Release:
    """A release of what the workspace holds now, passed or failed. Takes minutes; `progress` is told how far it is.

    Raises `Refused` while another one is made, and what the workspace or a training raises; a release that could not be
    tried is gone again.
    """
    from patchline.workspace import Workspace

    workspace = Workspace(settings).open()
    commit = workspace.head()
    return _made(settings, commit, by, sentence, lambda files: workspace.snapshot(commit, files), progress, trial)


def remake(settings: Settings, release: Release, progress: Any, trial: Trial | None = None) -> Release:
    """Another release of the same files, trained and tried by the product's code as it is now. Raises as `build`."""
    sentence = f"Release {release.number} trained anew by another version of Patchline"

    def copied(files: Path) -> None:
        shutil.copytree(release.files, files, dirs_exist_ok=True)

    return _made(settings, release.commit, release.by, sentence, copied, progress, trial)


def _made(
    settings: Settings,
    commit: str,
    by: str,
    sentence: str,
    put: Callable[[Path], None],
    progress: Any,
    trial: Trial | None,
) -> Release:
    releases = Releases(settings)
    with releases.building():
        release = releases.begin(commit, by, sentence)
        try:
            put(release.files)
            report = (trial or _trial)(settings, release.files, release.folder, progress)
            done = releases.finish(release.number, report)
        except BaseException:
            releases.drop(release.number)
            raise
    releases.keep_models(settings.keep_models)
    return done


def _trial(settings: Settings, files: Path, out: Path, progress: Any) -> Mapping[str, Any]:
    """The trial beside what serves, with the questions that patients asked."""
    from patchline.trial.run import Live, run

    releases = Releases(settings)
    serving = releases.get(releases.serving().serving.release)
    live = None
    if not releases.cannot_serve(serving.number):
        live = Live(releases.archive(serving), serving.files, releases.content(serving))
    return run(files, out, live, _past_questions(settings), progress)


def _past_questions(settings: Settings) -> list[Any]:
    """What patients asked; [] where the database is not there yet or does not answer: a trial can do without."""
    from patchline.trial.questions import past

    engine = engines.make_engine(engines.url_of(settings))
    try:
        return past(engine)
    except sa.exc.SQLAlchemyError:
        return []
    finally:
        engine.dispose()
