"""Members of staff who edit."""

import pytest

from tests.unit.desk.conftest import Browser


def signed_in(app, login):
    browser = Browser(app)
    assert browser.sign_in(login).status_code == 303
    return browser


@pytest.fixture
def eddy(app):
    return signed_in(app, "eddy")


@pytest.fixture
def cleo(app):
    return signed_in(app, "cleo")


@pytest.fixture
def workspace(settings):
    """The one that the pages write to."""
    from patchline.workspace import Workspace

    return Workspace(settings).open()
