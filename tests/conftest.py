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


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """In several processes (pytest-xdist): all tests that talk to the one running system in one, the others by file.

    What takes minutes begins early, so that it does not run alone in the end; but after the chat's tests, which need no
    model, while one may be trained.
    """
    for item in items:
        file = f"{item.path.parent.name}/{item.path.stem}"
        group = "system" if of_system(item) else file
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=rank)  # keeps the order within a rank


def of_system(item):
    return "system" in item.fixturenames and not hasattr(item.module, "system")


def rank(item):
    if of_system(item):
        return 0
    folder = item.path.parent.name
    if folder == "browser" and "archive" not in item.fixturenames:
        return 1
    return 2 if folder in ("browser", "integration") else 3


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
def archive(tmp_path_factory):
    """The current model; trained first if there is none."""
    return train(settings.from_environment({"PATCHLINE_VAR": str(tmp_path_factory.mktemp("train"))}), Progress())


@pytest.fixture(scope="session")
def system(archive, tmp_path_factory):
    """Started when the first test asks for it. It has a copy of the model, so that a test may put another there."""
    folder = tmp_path_factory.mktemp("system")
    models = folder / "models"
    models.mkdir()
    for file in (archive, record_path(archive)):
        shutil.copy2(file, models)
    running = System(folder, PATCHLINE_MODELS=str(models))
    running.archive = models / archive.name
    running.start()
    yield running
    running.stop()
