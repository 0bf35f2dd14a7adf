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
        terminal = request.config.pluginmanager.get_plugin("terminalreporter")
        terminal.write_line(f"\n{request.module.__name__.rpartition('.')[2]}: {found.counts()}")
