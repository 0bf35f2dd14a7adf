"""Accounts, on a real database of each kind."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from patchline.database.schema import now
from patchline.desk import accounts, sessions
from patchline.desk.accounts import AccountError
from patchline.desk.passwords import WeakPassword
from patchline.desk.tables import staff
from tests.unit.desk.conftest import PASSWORD


@pytest.fixture
def ana(engine):
    return accounts.add(engine, " Ana.Lopez", "Ana  López", "nurse", PASSWORD, now())


def hash_in(engine, login):
    with engine.connect() as db:
        return db.execute(sa.select(staff.c.password_hash).where(staff.c.login == login)).scalar_one()


def test_who_was_added_signs_in_however_the_login_is_written(engine, ana):
    assert (ana.login, ana.name, ana.role) == ("ana.lopez", "Ana López", "nurse")
    assert accounts.verify(engine, "ANA.lopez ", PASSWORD, now()).id == ana.id
    assert accounts.verify(engine, "ana.lopez", PASSWORD.upper(), now()) is None
    assert accounts.verify(engine, "nobody", PASSWORD, now()) is None
    assert accounts.verify(engine, "ana.lopez", "x" * 300, now()) is None
    assert PASSWORD not in hash_in(engine, "ana.lopez")


@pytest.mark.parametrize("login", ["", "a", "ana lopez", "ana<b>", "x" * 65, ".ana", "ñandú"])
def test_a_login_that_cannot_be_typed_on_every_phone_is_refused(engine, login):
    with pytest.raises(AccountError, match="A login has"):
        accounts.add(engine, login, "Ana", "nurse", PASSWORD, now())


@pytest.mark.parametrize("name", ["ana LÓPEZ", "patient", "Patchline"])
def test_a_name_that_tickets_could_mistake_for_another_is_refused(engine, ana, name):
    with pytest.raises(AccountError, match="is taken"):
        accounts.add(engine, "other", name, "nurse", PASSWORD, now())


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "Ana\u202eLopez"])
def test_a_name_that_cannot_be_read_is_refused(engine, name):
    with pytest.raises(AccountError, match="Give the name"):
        accounts.add(engine, "ana", name, "nurse", PASSWORD, now())


def test_a_login_that_is_taken_an_unknown_role_and_a_weak_password_are_refused(engine, ana):
    with pytest.raises(AccountError, match=r"There is an account ana\.lopez already"):
        accounts.add(engine, "ana.lopez", "Another", "nurse", PASSWORD, now())
    with pytest.raises(AccountError, match="nurse, editor, clinician, admin"):
        accounts.add(engine, "bo", "Bo", "root", PASSWORD, now())
    with pytest.raises(WeakPassword):
        accounts.add(engine, "bo", "Bo", "nurse", "short", now())
    assert [person.login for person in accounts.everybody(engine)] == ["ana.lopez"]


def test_roles_contain_those_below_them(engine, ana):
    allowed = {}
    for role in accounts.ROLES:
        person = accounts.set_role(engine, "ana.lopez", role)
        allowed[role] = [other for other in accounts.ROLES if person.may(other)]
        accounts.set_role(engine, "ana.lopez", "nurse") if role != "admin" else None
    above = ["nurse", "editor", "clinician", "admin"]
    assert allowed == {role: above[: place + 1] for place, role in enumerate(above)}


def test_who_is_switched_off_cannot_sign_in_and_is_signed_out_at_once(engine, ana):
    token = sessions.open_session(engine, ana, now())
    accounts.disable(engine, "ana.lopez", now())
    assert accounts.verify(engine, "ana.lopez", PASSWORD, now()) is None
    assert sessions.find(engine, token, now()) is None
    assert not accounts.somebody_can_sign_in(engine)
    accounts.enable(engine, "ana.lopez")
    assert accounts.verify(engine, "ana.lopez", PASSWORD, now())
    assert sessions.find(engine, token, now()) is None


def test_the_last_admin_stays(engine, ana):
    accounts.add(engine, "ada", "Ada", "admin", PASSWORD, now())
    for change in (lambda: accounts.disable(engine, "ada", now()), lambda: accounts.set_role(engine, "ada", "editor")):
        with pytest.raises(AccountError, match="Ada is the last admin"):
            change()
    accounts.set_role(engine, "ana.lopez", "admin")
    accounts.disable(engine, "ana.lopez", now())
    with pytest.raises(AccountError, match="Ada is the last admin"):  # one who is switched off does not count
        accounts.disable(engine, "ada", now())
    accounts.enable(engine, "ana.lopez")
    assert accounts.disable(engine, "ada", now()).disabled_at


def test_two_admins_who_switch_each_other_off_at_the_same_time_leave_one(engine):
    for login in ("ada", "bea"):
        accounts.add(engine, login, login.title(), "admin", PASSWORD, now())
    together, refused = threading.Barrier(2), []

    def switch_off(login):
        together.wait()
        try:
            accounts.disable(engine, login, now())
        except AccountError:
            refused.append(login)

    threads = [threading.Thread(target=switch_off, args=(login,)) for login in ("ada", "bea")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [person.login for person in accounts.everybody(engine) if not person.disabled_at] == refused


def test_another_password_ends_all_sessions_but_the_one_that_is_kept(engine, ana):
    here, there = (sessions.open_session(engine, ana, now()) for _ in range(2))
    accounts.set_password(engine, "ana.lopez", "four birds on a wire", now(), keep=sessions.key_of(here))
    assert sessions.find(engine, here, now())
    assert sessions.find(engine, there, now()) is None
    assert accounts.verify(engine, "ana.lopez", PASSWORD, now()) is None
    assert accounts.verify(engine, "ana.lopez", "four birds on a wire", now())


def test_a_one_time_password_is_good_for_a_week_and_says_that_it_must_be_changed(engine, ana):
    at = now()
    accounts.set_password(engine, "ana.lopez", "four birds on a wire", at, one_time=True)
    assert accounts.verify(engine, "ana.lopez", "four birds on a wire", at + timedelta(days=6)).one_time_until
    assert accounts.verify(engine, "ana.lopez", "four birds on a wire", at + timedelta(days=8)) is None
    accounts.set_password(engine, "ana.lopez", "five birds on a wire", at)
    assert accounts.verify(engine, "ana.lopez", "five birds on a wire", at + timedelta(days=8)).one_time_until is None


def test_a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in(engine, ana):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with engine.begin() as db:
        db.execute(staff.update().values(password_hash=old))
    assert accounts.verify(engine, "ana.lopez", "wrong", now()) is None
    assert hash_in(engine, "ana.lopez") == old
    assert accounts.verify(engine, "ana.lopez", PASSWORD, now())
    assert hash_in(engine, "ana.lopez") != old
    assert accounts.verify(engine, "ana.lopez", PASSWORD, now())


def test_an_unknown_login_is_compared_like_a_known_one(engine, ana, monkeypatch):
    compared = []
    real = accounts.passwords.matches
    monkeypatch.setattr(accounts.passwords, "matches", lambda *args: compared.append(args[1]) or real(*args))
    assert accounts.verify(engine, "nobody", PASSWORD, now()) is None
    assert accounts.verify(engine, "ana.lopez", "wrong", now()) is None
    parameters = {hashed.rsplit("$", 2)[0] for hashed in compared}
    assert len(compared) == 2
    assert len(parameters) == 1
