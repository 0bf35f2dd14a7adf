"""A patient's text, made safe to keep, show and match. Pure."""

from __future__ import annotations

import re
import unicodedata

# Control, format (zero-width and bidi marks), surrogate and private-use characters: nothing that a person reads.
_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co"})

# Characters with no width of their own that Unicode files under letters or marks: joiners, blank Hangul and Khmer
# fillers (which would count as letters) and variation selectors.
_NO_WIDTH = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    + "".join(map(chr, range(0x180B, 0x1810)))
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)


def clean(text: str) -> str:
    """NFKC, without control, zero-width and bidi marks, every run of white space as one space.

    `clean(clean(text)) == clean(text)`. Never raises, also for lone surrogates and NUL. The time grows with the
    square of a run of combining marks, so callers bound the length first.

    >>> clean("  my\\u200b back\\t\\n hurts\\x00 ")
    'my back hurts'
    """
    if text.isascii() and text.isprintable():  # nearly every message, and all that there is to do for it
        return " ".join(text.split())
    readable = "".join(c for c in text if c.isspace() or _readable(c))
    return " ".join(unicodedata.normalize("NFKC", readable).split())


def plain(text: str) -> str:
    """A message without case, punctuation and extra spaces.

    >>> plain("Don't  I have to lie FLAT?!")
    'dont i have to lie flat'
    """
    return " ".join(re.findall(r"\w+", re.sub(r"['’`´]", "", text).casefold()))


def has_words(text: str) -> bool:
    """True when there is a letter or a digit of any script; false for nothing but emoji and punctuation.

    >>> has_words("?! 😢"), has_words("ok 😢")
    (False, True)
    """
    return any(c.isalnum() for c in text)


def _readable(character: str) -> bool:
    return character not in _NO_WIDTH and unicodedata.category(character) not in _UNREADABLE
