"""One running system for every test that talks to it: `patchline run` on free ports, with a folder of its own."""

from __future__ import annotations

import shutil

import pytest

from patchline import settings
from patchline.training.model import record_path
from patchline.training.progress import Progress
from patchline.training.train import train
from tests import postgres as servers
from tests.system import System


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for every test that asks for one; without its programs they are left out and say so."""
    if servers.programs() is None:
        pytest.skip(servers.MISSING)
    server = servers.Postgres()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty database of the test's own, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'patchline.db'}"
    else:
        server = request.getfixturevalue("postgres")
        url = server.new_database()
        yield url
        server.drop(url)


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """Started when the first test asks for it; trains first if there is no current model.

    It has a copy of the model, so that a test may put another in its place.
    """
    folder = tmp_path_factory.mktemp("system")
    archive = train(settings.from_environment({"PATCHLINE_VAR": str(folder)}), Progress())
    models = folder / "models"
    models.mkdir()
    for file in (archive, record_path(archive)):
        shutil.copy2(file, models)
    running = System(folder, PATCHLINE_MODELS=str(models))
    running.archive = models / archive.name
    running.start()
    yield running
    running.stop()
