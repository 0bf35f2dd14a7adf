"""Sessions, on a real database of each kind."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from patchline.desk import accounts, sessions
from patchline.desk.tables import staff_sessions
from tests.unit.desk.conftest import PASSWORD

AT = now()


@pytest.fixture
def ana(engine):
    return accounts.add(engine, "ana", "Ana", "nurse", PASSWORD, AT)


@pytest.fixture
def token(engine, ana):
    return sessions.open_session(engine, ana, AT)


def test_the_database_holds_no_token(engine, token):
    with engine.connect() as db:
        (row,) = db.execute(sa.select(staff_sessions)).all()
    assert token not in str(row)
    assert sessions.find(engine, token, AT).staff.name == "Ana"
    assert sessions.find(engine, row.token_hash, AT) is None
    assert sessions.find(engine, "", AT) is None


def test_an_hour_without_a_request_ends_it(engine, token):
    assert sessions.find(engine, token, AT + timedelta(minutes=59), present=False)
    assert sessions.find(engine, token, AT + timedelta(minutes=60), present=False) is None


def test_presence_keeps_it_for_twelve_hours_and_no_longer(engine, token):
    for minutes in range(30, 12 * 60, 30):
        assert sessions.find(engine, token, AT + timedelta(minutes=minutes)), minutes
    assert sessions.find(engine, token, AT + timedelta(hours=12)) is None


def test_asking_alone_is_no_presence(engine, token):
    assert sessions.find(engine, token, AT + timedelta(minutes=40), present=False)
    assert sessions.find(engine, token, AT + timedelta(minutes=70), present=False) is None


def test_signing_in_again_ends_the_session_before_in_that_browser_only(engine, ana, token):
    elsewhere = sessions.open_session(engine, ana, AT)
    new = sessions.open_session(engine, ana, AT, instead_of=token)
    assert sessions.find(engine, token, AT) is None
    assert sessions.find(engine, new, AT)
    assert sessions.find(engine, elsewhere, AT)
    assert sessions.count(engine, ana, AT) == 2


def test_one_or_all_can_be_ended(engine, ana, token):
    other = sessions.open_session(engine, ana, AT)
    sessions.end(engine, token)
    assert sessions.find(engine, token, AT) is None
    assert sessions.find(engine, other, AT)
    sessions.end_all(engine, ana)
    assert sessions.count(engine, ana, AT) == 0


def test_sessions_that_are_over_are_cleared_away(engine, ana, token):
    sessions.open_session(engine, ana, AT + timedelta(hours=2))
    with engine.connect() as db:
        assert len(db.execute(sa.select(staff_sessions)).all()) == 1
