"""A database of its own for each test, and an escalation to put into it."""

import contextlib
from dataclasses import replace
from datetime import datetime

import pytest

from patchline.chain import Chain, Contact, Wait
from patchline.database import engines
from patchline.escalation.escalation import Escalation
from patchline.escalation.wish import Wish
from tests.tables import make_tables

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
def engine(url):
    make_tables(url)
    engine = engines.make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def held(url):
    """`with held():` somebody else has the database's lock."""

    @contextlib.contextmanager
    def hold():
        other = engines.make_engine(url)
        with engines.writing(other) as db:
            if other.dialect.name == "postgresql":
                db.exec_driver_sql("LOCK TABLE tickets IN EXCLUSIVE MODE")
            yield
        other.dispose()

    return hold


@pytest.fixture
def numb_leg():
    return NUMB_LEG


@pytest.fixture
def chain():
    """Nurse twice, then the doctor once; who waits how long is easy to reckon with."""
    contacts = (Contact("Nurse", ("sms", "mail")), Contact("Doctor", ("pager",), times=1))
    waits = {"crisis": Wait(3, 3), "emergency": Wait(3, 3), "clinic": Wait(15, 15), "routine": Wait(120, 120)}
    return Chain(contacts, waits, start_over=30)


@pytest.fixture
def wish():
    return Wish(
        kind="callback",
        conversation_id="c1",
        message_id="m1",
        said_at=datetime(2026, 11, 22, 10, 32),
        name="Ana López",
        phone="+12025550142",
        best_time="after 3",
        consent_at=datetime(2026, 11, 22, 10, 31),
        language="es",
    )


@pytest.fixture
def changed():
    """`changed(tier="emergency")`: the numb leg with fields of its own."""
    return lambda **fields: replace(NUMB_LEG, **fields)
