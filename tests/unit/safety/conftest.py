"""The installation's own rules, loaded once for all tests of this room."""

from pathlib import Path

import pytest

from patchline.safety import Detector, load

CONTENT = Path(__file__).resolve().parents[3] / "content"


@pytest.fixture(scope="session")
def rules():
    return load(CONTENT)


@pytest.fixture(scope="session")
def detector(rules):
    return Detector(rules)
