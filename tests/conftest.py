"""One running system for every test that talks to it: `patchline run` on free ports, with a folder of its own."""

from __future__ import annotations

import pytest

from tests.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory):
    """Started when the first test asks for it; trains first if there is no current model."""
    running = System(tmp_path_factory.mktemp("system"))
    running.start()
    yield running
    running.stop()
