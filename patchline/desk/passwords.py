"""Passwords of staff: which are good enough, and argon2id hashes of them. Pure but for chance."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256  # characters
# What people write when they are made to write twelve characters; compared without digits and signs at the ends.
OBVIOUS = frozenset(
    "password passwordpassword passphrase qwertyuiop qwertyuiopas qwertyqwerty asdfghjklzxc administrator welcome"
    " welcomewelcome welcomehere letmein letmeinplease changeme changemenow changemeplease iloveyou clinic"
    " patchline patchlinepatchline bloodpatch epidural epiduralbloodpatch hospital headache nurse nursenurse"
    " secret supersecret topsecret opensesame trustno sunshine princess football baseball spring summer autumn"
    " winter january february august september october november december monday correcthorsebatterystaple".split()
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are mistaken for another on paper

_hasher = PasswordHasher()  # RFC 9106, for machines with little memory: 64 MiB, three passes


class WeakPassword(Exception):
    """A password that is not taken; the message says why, and nothing of the password."""


def check(password: str, *names: str) -> None:
    """Raises `WeakPassword` for one that is too short, too long, obvious, or made of one of `names`.

    >>> check("four small green birds", "ana")
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"Use at least {SHORTEST} characters. A short sentence is easy to remember.")
    if len(password) > LONGEST:
        raise WeakPassword(f"Use at most {LONGEST} characters.")
    bare = _bare(password)
    if any(bare and bare in (_bare(name), _bare(name) * 2) for name in names):
        raise WeakPassword("Do not use your login or your name as the password.")
    if len(set(password.casefold())) < 5 or bare in OBVIOUS or _counts(password):
        raise WeakPassword("This password is among the first that somebody would try. Use a short sentence.")


def make() -> str:
    """A password to be read out or written down once, e.g. "k7mq-x3vd-9hwp-ttc4" (79 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def hash_of(password: str) -> str:
    """Takes some 50 ms and 64 MiB on purpose."""
    return _hasher.hash(_same(password))


def matches(password: str, hashed: str) -> bool:
    """Takes as long as `hash_of`, whatever the answer; only a password that is too long is refused at once."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher.verify(hashed, _same(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys() -> str:
    """A hash of no password: what is compared for a login that nobody has, so that it takes as long."""
    return _hasher.hash(secrets.token_urlsafe(32))


def outdated(hashed: str) -> bool:
    """True for a hash that was made with other parameters than a new one would be."""
    return _hasher.check_needs_rehash(hashed)


def _same(password: str) -> str:
    """One form for letters that keyboards write differently."""
    return unicodedata.normalize("NFKC", password)


def _bare(text: str) -> str:
    """Letters alone: "Summer2026!!" is "summer"."""
    return "".join(character for character in text.casefold() if character.isalpha())


def _counts(password: str) -> bool:
    """True for 123456789012, abcdefghijkl and the like."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(password)}
    return len(steps) == 1
