"""Which numbers are a fever. Pure.

From 100.4 °F or 38.0 °C on a temperature is a fever (Centers for Disease Control and Prevention, definition of fever).
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["#fever", "#maybe", "#year", "#number"]

_NUMBER = re.compile(r"(\d+)(?:[.,](\d))?\d*([a-z]*)")
_NOT_A_TEMPERATURE = frozenset(
    "am pm min mins minute minutes hr hrs hour hours day days week weeks wks month months year years yrs yo lb lbs "
    "pound pounds kg kilo kilos mg ml mile miles km percent dollars bucks people times floor street room weight "
    "pills tablets mm cm inches bpm pulse".split()
)


def kind(word: str, following: str = "") -> Kind:
    """What a number in a message may be. `following` is the next word, which may be a unit.

    A decimal like 102.3 or 38,4, or a unit, makes a fever; a whole 101 to 107 or 39 to 42 may be one, and the patterns
    ask for a word like "thermometer" with it.

    >>> kind("102.3"), kind("39", "c"), kind("103"), kind("38.5", "weeks"), kind("2016")
    ('#fever', '#fever', '#maybe', '#number', '#year')
    """
    match = _NUMBER.fullmatch(word)
    if not match:
        return "#number"
    degrees = int(match[1]) + int(match[2] or 0) / 10
    unit = match[3] or following
    if not match[2] and len(match[1]) == 4 and 1900 <= degrees < 2100:
        return "#year"
    if not (100.4 <= degrees < 110 or 38 <= degrees < 43) or unit in _NOT_A_TEMPERATURE:
        return "#number"
    has_unit = unit in {"f", "c", "°", "°f", "°c", "degree", "degrees", "fahrenheit", "celsius", "centigrade", "grados"}
    if has_unit or match[2]:
        return "#fever"
    return "#maybe"
