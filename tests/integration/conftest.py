"""Patients with warning signs, and one line of counts at the end of each module that has them."""

import pytest

from tests.signs import Ward


@pytest.fixture(scope="module")
def ward(system, request):
    found = Ward(system)
    yield found
    try:
        found.count_again()
    finally:
        plugins = request.config.pluginmanager
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            name = request.module.__name__.rpartition(".")[2]
            plugins.get_plugin("terminalreporter").write_line(f"\n{name}: {found.counts()}")
