"""A database of its own for each test, and an escalation to put into it."""

from dataclasses import replace
from datetime import datetime

import pytest

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.escalation.escalation import Escalation

NUMB_LEG = Escalation(
    conversation_id="c1",
    message_id="m1",
    tier="clinic",
    source="rules",
    said_at=datetime(2026, 11, 22, 10, 32),
    categories=("numb_weak",),
    triggers=("leg is numb",),
)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'patchline.db'}"


@pytest.fixture
def engine(url):
    migrate(url)
    engine = engines.make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def numb_leg():
    return NUMB_LEG


@pytest.fixture
def changed():
    """`changed(tier="emergency")`: the numb leg with fields of its own."""
    return lambda **fields: replace(NUMB_LEG, **fields)
