"""A clinic's journal, the eyes of the real model, and a workspace."""

import pytest

from patchline import settings as all_settings
from patchline.review import scan as scanning
from patchline.review import sight as eyes
from patchline.settings import Settings
from patchline.training.progress import Progress
from patchline.training.train import train
from patchline.workspace import Author, Workspace
from tests.review import fill
from tests.unit.escalation.conftest import engine  # noqa: F401 (a database with its tables)

ANA = Author("ana", "Ana López")
SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def sight(tmp_path_factory):
    """Trains first if there is no current model."""
    settings = all_settings.from_environment({"PATCHLINE_VAR": str(tmp_path_factory.mktemp("sight"))})
    train(settings, Progress())
    return eyes.serving(settings)


@pytest.fixture
def settings(tmp_path, url):
    return Settings(var=tmp_path, database_url=url, secret="s" * 40, workspace=tmp_path / "workspace")


@pytest.fixture
def workspace(settings):
    return Workspace(settings)


@pytest.fixture
def look(settings, sight):
    """`look()`: one scan, in this process."""
    return lambda: scanning.scan(settings, sight=sight)


@pytest.fixture
def journal(engine, look):  # noqa: F811
    """The month of `tests/review_conversations.yml`, looked through."""
    fill(engine)
    return look()
