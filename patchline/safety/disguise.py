"""What hides words without changing what a person reads: markup, entities, letters spaced out. Pure.

Every function gives a text to read and, for each of its characters, where it stands in the text it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_INLINE = "a|abbr|b|big|em|font|i|ins|mark|s|small|span|strike|strong|sub|sup|tt|u|wbr"
_BLOCK = (
    "article|blockquote|body|br|button|center|code|dd|div|dl|dt|footer|form|h[1-6]|head|header|hr|html|img|input|li"
)
_BLOCK += "|main|ol|option|p|pre|script|section|select|style|svg|table|tbody|td|textarea|th|tr|ul"
_PART = re.compile(
    rf"(?P<inline></?(?:{_INLINE})(?:\s[^<>]{{0,200}})?/?>|<!--.{{0,200}}?-->)"
    rf"|(?P<block></?(?:{_BLOCK})(?:\s[^<>]{{0,200}})?/?>)"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});?)",
    re.IGNORECASE,
)
# "n u m b", "n.u.m.b", "n-u-m-b": at least four single letters, the same one mark between
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([ .\-_*~|/+])[^\W\d_](?![^\W_])){3,}")


def undisguised(text: str) -> tuple[str, list[int]]:
    """The text without markup and with entities as characters, and where each character and the end stood.

    >>> undisguised("nu<b>mb</b>&#32;leg")[0]
    'numb leg'
    """
    if "<" not in text and "&" not in text:
        return text, list(range(len(text) + 1))
    pairs = list(_characters(text))
    return "".join(c for c, _ in pairs), [place for _, place in pairs] + [len(text)]


def _characters(text: str) -> Iterator[tuple[str, int]]:
    end = 0
    for match in _PART.finditer(text):
        yield from ((text[i], i) for i in range(end, match.start()))
        end = match.end()
        if match["block"]:
            yield " ", match.start()
        elif match["entity"]:
            plain = unescape(match["entity"])
            plain = " " if plain == "\xa0" else plain
            yield from ((c, match.start()) for c in plain if c.isprintable() and c not in "\u200b\u00ad")
    yield from ((text[i], i) for i in range(end, len(text)))


def spaced(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Runs of letters spaced out: start, end and the places of the letters."""
    for match in _SPACED.finditer(text):
        yield match.start(), match.end(), [i for i in range(match.start(), match.end()) if text[i].isalpha()]


def words_in(letters: str, known: frozenset[str], longest: int = 14) -> list[str] | None:
    """The fewest known words that the letters make, or nothing.

    >>> words_in("mylegisnumb", frozenset({"my", "leg", "is", "numb"}))
    ['my', 'leg', 'is', 'numb']
    """
    fewest: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(letters)  # words up to here, where the last begins
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - longest), end):
            before, word = fewest[start], letters[start:end]
            if before is not None and word in known and (len(word) > 1 or word in "ia"):
                current = fewest[end]
                if current is None or before[0] + 1 < current[0]:
                    fewest[end] = before[0] + 1, start
    found, end = [], len(letters)
    while end and (last := fewest[end]):
        found.append(letters[last[1] : end])
        end = last[1]
    return None if end else found[::-1]
