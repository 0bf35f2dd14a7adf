"""Telephone numbers as people read them. Pure; they come as E.164, e.g. "+12025550142"."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


def shown(number: str) -> str:
    """A number in groups; one that cannot be read stays as it is.

    >>> shown("+12025550142"), shown("+34911234567")
    ('(202) 555-0142', '+34 911 23 45 67')
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    home = PhoneNumberFormat.NATIONAL if parsed.country_code == 1 else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, home)
