"""Which passwords are good enough, and what is kept of them."""

import pytest
from argon2 import PasswordHasher

from patchline.desk import passwords
from patchline.desk.passwords import WeakPassword


@pytest.mark.parametrize(
    "weak",
    [
        "elevenchars",
        "x" * 257,
        "Password1234",
        "PASSWORD!!!!!",
        "Winter2026!!!",
        "letmein12345!",
        "patchline2026",
        "123456789012",
        "abcdefghijklmn",
        "aaaaaaaaaaaaaa",
        "abababababab",
        "ana.lopez.2026",
        "Ana Lopez 123!",
        "AnaLopez-AnaLopez",
    ],
)
def test_a_password_that_somebody_would_try_first_is_refused(weak):
    with pytest.raises(WeakPassword) as refused:
        passwords.check(weak, "ana.lopez", "Ana Lopez")
    assert weak not in str(refused.value)


@pytest.mark.parametrize(
    "good", ["two ducks cross the yard", "Xk3-99f!wQ_z", "ñandú y café con leche", "密码是一只会飞的绿色小鸟儿"]
)
def test_a_short_sentence_is_taken_in_any_language(good):
    passwords.check(good, "ana.lopez", "Ana López")


def test_every_password_that_is_made_is_good_enough_and_another():
    made = {passwords.make() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        passwords.check(password, "ana", "Ana")
        assert not set(password) & set("ilo01")


def test_only_the_same_password_matches_and_the_hash_says_argon2id():
    hashed = passwords.hash_of("two ducks cross the yard")
    assert hashed.startswith("$argon2id$")
    assert passwords.matches("two ducks cross the yard", hashed)
    assert not passwords.matches("two ducks cross the yarD", hashed)
    assert not passwords.matches("", hashed)
    assert not passwords.matches("two ducks cross the yard", "not a hash")


def test_a_letter_that_two_keyboards_write_differently_is_the_same():
    assert passwords.matches("cafe\u0301 at the corner", passwords.hash_of("caf\u00e9 at the corner"))


def test_a_hash_with_weaker_parameters_is_outdated():
    assert passwords.outdated(PasswordHasher(time_cost=1, memory_cost=8192).hash("two ducks cross the yard"))
    assert not passwords.outdated(passwords.hash_of("two ducks cross the yard"))
