"""A patient's telephone number: found in what was typed, checked, and written as people read it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

REGIONS = phonenumbers.SUPPORTED_REGIONS  # ISO 3166 letters, e.g. "US"
Reason = Literal["no_number", "too_short", "too_long", "no_area", "unknown_area"]
UNCHECKED = "unchecked"  # in place of a kept number that could not be read
KEPT = re.compile(r"(\+[1-9]\d{6,14})(?:;ext=(\d{1,7}))?")
_DIGITS = {
    **{word: digit for digit, word in enumerate("zero one two three four five six seven eight nine".split())},
    **{word: digit for digit, word in enumerate("cero uno dos tres cuatro cinco seis siete ocho nueve".split())},
    "oh": 0,
}
_TIMES = {"double": 2, "triple": 3}
_SPOKEN = rf"(?:(?:double|triple)[\s-]+)?(?:{'|'.join(_DIGITS)}|o|\d+)"
ALOUD = re.compile(rf"\b{_SPOKEN}(?:[\s,.-]+{_SPOKEN}){{3,}}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number that can be dialled: E.164, e.g. "+12025550142", and its extension, if it has one."""

    e164: str
    extension: str | None = None

    @property
    def kept(self) -> str:
        """Both in one, e.g. "+12025550142;ext=12" (RFC 3966)."""
        return f"{self.e164};ext={self.extension}" if self.extension else self.e164


@dataclass(frozen=True)
class Misread:
    """Why a text holds no number that can be dialled, and the digits that were understood, e.g. "202 555 01"."""

    reason: Reason
    understood: str = ""


def find(text: str, region: str) -> Number | Misread:
    """The first number in a text; without a country's prefix it is one of `region`.

    A number has to be valid for the library, not only possible: it knows which area codes are in use, so (999) 555-0142
    is caught, and (202) 555-0142, though made up, is not. A new area code may be missing there. That is for the caller:
    a patient who sends the same number again is right (`possible`).

    >>> find("it's 202 555 0142, ext 12", "US")
    Number(e164='+12025550142', extension='12')
    >>> find("my number is two oh two five five five oh one", "US")
    Misread(reason='too_short', understood='20255501')
    """
    written = _in_digits(text)
    numbers = [match.number for match in PhoneNumberMatcher(written, region, leniency=Leniency.POSSIBLE)]
    complete = [number for number in numbers if _length(number) == phonenumbers.ValidationResult.IS_POSSIBLE]
    valid = next((number for number in complete if phonenumbers.is_valid_number(number)), None)
    if valid:
        return _number(valid)
    if complete:
        return Misread("unknown_area", _readable(complete[0], region))
    return _misread(written, region)


def possible(text: str, region: str) -> Number | None:
    """The first number of a text that has the right length, whether or not its area code is known; else None."""
    numbers = (match.number for match in PhoneNumberMatcher(_in_digits(text), region, leniency=Leniency.POSSIBLE))
    complete = (number for number in numbers if _length(number) == phonenumbers.ValidationResult.IS_POSSIBLE)
    return next((_number(number) for number in complete), None)


def read_kept(kept: str) -> Number | None:
    """The reverse of `Number.kept`; None for anything else."""
    found = KEPT.fullmatch(kept)
    return Number(found[1], found[2]) if found else None


def shown(kept: str, region: str) -> str:
    """A kept number as people of `region` read it; "" for anything else.

    >>> shown("+12025550142;ext=12", "US"), shown("+34612345678", "US")
    ('(202) 555-0142 ext. 12', '+34 612 34 56 78')
    """
    number = read_kept(kept)
    if number is None:
        return ""
    return _readable(phonenumbers.parse(number.kept), region)


def example(region: str) -> str:
    """A number of the region that belongs to nobody, as people read it, e.g. "(201) 555-0123"."""
    number = cast(PhoneNumber, phonenumbers.example_number(region))  # every region has one
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def digits_in(text: str) -> str:
    """The digits of a text, those that are written as words among them.

    >>> digits_in("two oh two, 555"), digits_in("after 3")
    ('202555', '3')
    """
    return "".join(re.findall(r"\d", _in_digits(text)))


def without_number(text: str, region: str) -> str:
    """What else stands in a text that holds a number: "Maria, 202 555 0142" is "Maria, "."""
    written = _in_digits(text)
    match = next(iter(PhoneNumberMatcher(written, region, leniency=Leniency.POSSIBLE)), None)
    return written[: match.start] + written[match.end :] if match else written


def _in_digits(text: str) -> str:
    """Digits that are written as words become digits; the prefix 00 becomes +."""
    return re.sub(r"(?<![\d+])00(?=[1-9])", "+", ALOUD.sub(lambda run: _aloud(run[0]), text))


def _aloud(run: str) -> str:
    """A run of spoken digits: "two oh two double five" is "20255"."""
    digits, times = "", 1
    for word in re.findall(r"[a-z]+|\d+", run.lower()):
        if word in _TIMES:
            times = _TIMES[word]
        else:
            digits += (word if word.isdigit() else str(_DIGITS.get(word, 0))) * times
            times = 1
    return digits


def _misread(written: str, region: str) -> Misread:
    digits = re.findall(r"\+?\d[\d\s().-]*", written)
    understood = " ".join("".join(digits).split()).strip(" .-(")
    if not understood:
        return Misread("no_number")
    try:
        length = _length(phonenumbers.parse(understood, region))
    except NumberParseException as error:
        too_long = error.error_type == NumberParseException.TOO_LONG
        return Misread("too_long" if too_long else "too_short", understood)
    reasons = phonenumbers.ValidationResult
    if length == reasons.IS_POSSIBLE_LOCAL_ONLY:
        return Misread("no_area", understood)
    return Misread("too_long" if length == reasons.TOO_LONG else "too_short", understood)


def _length(number: phonenumbers.PhoneNumber) -> int:
    return phonenumbers.is_possible_number_with_reason(number)


def _number(number: phonenumbers.PhoneNumber) -> Number:
    return Number(phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension or None)


def _readable(number: phonenumbers.PhoneNumber, region: str) -> str:
    home = number.country_code == phonenumbers.country_code_for_region(region)
    style = PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)
