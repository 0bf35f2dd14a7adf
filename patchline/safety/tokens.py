"""A message as the words that the patterns speak of. Pure.

Each word becomes its plain form: lower case, no apostrophe, no accent, look-alike letters of other scripts as Latin
ones, misspellings corrected, several ways to say one thing written as one ("not able to" is `cant`). Words that no
pattern knows become `UNKNOWN`: spaCy keeps every new string for ever, and patients' words shall not pile up in memory.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from .disguise import spaced, undisguised, words_in
from .spelling import Speller
from .temperature import kind

UNKNOWN = "_"
SENTENCE_ENDS = frozenset({".", "?", ";"})  # as plain forms: "!" and "..." are "."

_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f])"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)?(?:{_LETTER}+\b)?|°\s?[fcFC]?|{_LETTER}(?:{_LETTER}|\d)*(?:['’‘`´]{_LETTER}+)*"
    r"|[.!?…;]+|[,:()—–&]|(?<=\s)-+(?=\s)"
)
# Letters of other scripts that look like Latin ones; they may come from a phone's keyboard or from a prank.
_LOOK_ALIKE = str.maketrans("аеорсухіјѕһԁԛԝαορνικτυеɑɡı", "aeopcyxijshdqwaopviktueagi") | str.maketrans(
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢբհոսօցƅɩɴ", "abcdefghijklmnoprstuvwyzpnnuogbin"
)
_DIGITS = str.maketrans("013457", "oleast")  # "l3gs": digits for letters
# After these the 's is a word ("it's" -> its); after a noun it is dropped ("wife's leg" -> wife leg).
_KEEP_S = frozenset("it he she that what there here who let how where when why one".split())


@dataclass(frozen=True)
class Token:
    """One word: its plain form and where it stands in the cleaned text."""

    plain: str
    start: int
    end: int


class Reader:
    """Turns a cleaned message into tokens. `same` maps a plain way to say something to its many ways."""

    def __init__(self, vocabulary: frozenset[str], speller: Speller, same: Mapping[str, tuple[tuple[str, ...], ...]]):
        self._vocabulary = vocabulary
        self._speller = speller
        self._ways: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for plain, ways in same.items():
            for way in ways:
                self._ways.setdefault(way[0], []).append((way, plain))
        for found in self._ways.values():
            found.sort(key=lambda pair: -len(pair[0]))

    def read(self, text: str) -> list[Token]:
        """The tokens of a cleaned text, in order.

        >>> [token.plain for token in reader.read("She isn't able to feel her feeet!")]
        ['she', 'cant', 'feel', 'her', 'feet', '.']
        """
        plain, places = undisguised(text)
        merged = self._merge(_numbers(self._tokens(plain)))
        if plain != text:
            merged = [Token(t.plain, places[t.start], places[t.end - 1] + 1) for t in merged]
        return [t if t.plain in self._vocabulary else Token(UNKNOWN, t.start, t.end) for t in merged]

    def _tokens(self, text: str) -> list[Token]:
        tokens: list[Token] = []
        end = 0
        for start, after, letters in spaced(text):
            words = words_in(plain_form("".join(text[i] for i in letters)), self._vocabulary)
            if words is None or sum(map(len, words)) != len(letters):
                continue
            tokens += self._plainly(text, end, start)
            at = 0
            for word in words:
                tokens.append(Token(word, letters[at], letters[at + len(word) - 1] + 1))
                at += len(word)
            end = after
        return tokens + self._plainly(text, end, len(text))

    def _plainly(self, text: str, start: int, end: int) -> list[Token]:
        return [self._token(match) for match in _TOKEN.finditer(text, start, end)]

    def corrected(self, text: str) -> tuple[tuple[str, str], ...]:
        """The misspelt words of a cleaned text and what they are read as."""
        words = [(match[0], plain_form(match[0])) for match in _TOKEN.finditer(text)]
        return tuple((written, self._speller.correct(plain)) for written, plain in words if self._speller.wrong(plain))

    def _token(self, match: re.Match[str]) -> Token:
        plain = plain_form(match[0])
        if not plain.isalpha() and plain[:1].isalpha():
            digits = plain.translate(_DIGITS)
            plain = digits if digits in self._vocabulary else plain
        if plain.isalpha():
            plain = self._with_g(plain) or self._speller.correct(plain)
        return Token(plain, match.start(), match.end())

    def _with_g(self, plain: str) -> str | None:
        """ "shakin", "talkin'": many people's -ing."""
        dropped = plain.endswith("in") and len(plain) > 4 and plain not in self._vocabulary
        return plain + "g" if dropped and plain + "g" in self._vocabulary else None

    def _merge(self, tokens: list[Token]) -> list[Token]:
        merged: list[Token] = []
        i = 0
        while i < len(tokens):
            for way, plain in self._ways.get(tokens[i].plain, ()):
                if all(a == b.plain for a, b in zip(way, tokens[i : i + len(way)], strict=False)) and i + len(
                    way
                ) <= len(tokens):
                    merged.append(Token(plain, tokens[i].start, tokens[i + len(way) - 1].end))
                    i += len(way)
                    break
            else:
                merged.append(tokens[i])
                i += 1
        return merged


def plain_form(word: str) -> str:
    """
    >>> plain_form("Can’t"), plain_form("wife's"), plain_form("It's"), plain_form("mañana"), plain_form("!!")
    ('cant', 'wife', 'its', 'manana', '.')
    """
    if word[0] in ".!?…;":
        return "?" if "?" in word else ";" if word[0] == ";" else "."
    if word[0] in ",:()—–-":
        return ","
    if word == "&":
        return "and"
    if word.isascii():
        word = word.lower()
    else:
        decomposed = unicodedata.normalize("NFD", word.casefold().translate(_LOOK_ALIKE))
        word = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LOOK_ALIKE)
    base, mark, ending = re.sub("[’‘`´]", "'", word).partition("'")
    if mark and ending == "s" and base not in _KEEP_S:
        return base
    return base + ending.replace("'", "") if mark else word


def _numbers(tokens: list[Token]) -> list[Token]:
    """Numbers by what they may be: a fever, a year, or just a number."""
    following = [token.plain for token in tokens[1:]] + [""]
    return [
        Token(kind(token.plain, after), token.start, token.end) if token.plain[:1].isdigit() else token
        for token, after in zip(tokens, following, strict=False)
    ]
