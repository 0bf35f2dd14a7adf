"""How often somebody may try to sign in, on a real database of each kind."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from patchline.desk.tables import staff_attempts
from patchline.desk.throttle import ADDRESS, LOGIN, PAIR, Throttle
from patchline.gateway.client import network_of

AT = now()
HERE, THERE = "203.0.113.5", "198.51.100.7"


@pytest.fixture
def tries(engine):
    """`tries("ana", HERE)`: seconds to wait before this try; 0 when it was admitted (and failed)."""
    return lambda login, address, at=AT: Throttle("s" * 40).admit(engine, login, address, at).wait_s


def test_five_slips_and_then_a_wait_of_a_quarter_of_an_hour(tries):
    assert [tries("ana", HERE, AT + timedelta(minutes=minute)) for minute in range(5)] == [0] * 5
    assert tries("ana", HERE, AT + timedelta(minutes=5)) == 10 * 60
    assert tries("ANA ", HERE, AT + timedelta(minutes=14, seconds=59)) == 1
    assert tries("ana", HERE, AT + timedelta(minutes=15)) == 0


def test_who_tries_again_while_waiting_does_not_wait_longer(tries):
    for _ in range(5):
        tries("ana", HERE)
    for minute in range(1, 15):
        assert tries("ana", HERE, AT + timedelta(minutes=minute)) == (15 - minute) * 60


def test_somebody_elsewhere_does_not_lock_the_nurse_out(tries):
    for _ in range(8):
        tries("ana", THERE)
    assert tries("ana", HERE) == 0


def test_one_login_from_many_addresses_is_slowed(tries):
    waits = [tries("ana", f"198.51.100.{number}") for number in range(LOGIN.count + 1)]
    assert waits == [0] * LOGIN.count + [3600]


def test_one_address_with_many_logins_is_slowed(tries):
    waits = [tries(f"login{number}", HERE) for number in range(ADDRESS.count + 1)]
    assert waits == [0] * ADDRESS.count + [900]
    assert tries("other", THERE) == 0


def test_an_ipv6_client_cannot_change_its_address_out_of_it(tries):
    waits = [tries("ana", f"2001:db8::{number:x}") for number in range(PAIR.count + 1)]
    assert waits[-1] > 0
    assert network_of("::ffff:203.0.113.5") == HERE
    assert network_of("unknown") == "unknown"


def test_the_right_password_forgets_this_persons_slips_here(engine, tries):
    throttle = Throttle("s" * 40)
    for _ in range(4):
        tries("ana", HERE)
    throttle.succeeded(engine, throttle.admit(engine, "ana", HERE, AT))
    assert [tries("ana", HERE) for _ in range(6)] == [0] * 5 + [900]


def test_many_tries_at_once_do_not_slip_through_together(engine):
    together, admitted = threading.Barrier(16), []

    def attempt():
        together.wait()
        for _ in range(20):  # the lock of a small database may be taken for a while
            try:
                admitted.append(Throttle("s" * 40).admit(engine, "ana", HERE, AT).wait_s == 0)
                return
            except sa.exc.SQLAlchemyError:
                continue

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 16
    assert sum(admitted) <= PAIR.count


def test_neither_logins_nor_addresses_are_kept_and_old_tries_go(engine, tries):
    tries("my-password-by-mistake", HERE)
    with engine.connect() as db:
        kept = str(db.execute(sa.select(staff_attempts)).all())
    assert "my-password" not in kept
    assert HERE not in kept
    tries("ana", HERE, AT + timedelta(hours=2))
    with engine.connect() as db:
        assert len(db.execute(sa.select(staff_attempts)).all()) == 3


def test_the_first_refusal_of_a_while_is_told_apart(engine):
    throttle = Throttle("s" * 40)
    refused = [throttle.admit(engine, "ana", HERE, AT) for _ in range(8)][5:]
    assert [attempt.first for attempt in refused] == [True, False, False]
