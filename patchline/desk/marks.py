"""A patient's words with those marked that triggered. Pure; what comes out is text in pieces, and never HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A part of a text; the template puts a marked one into <mark> and escapes both."""

    text: str
    marked: bool = False


def marked(text: str, triggers: Iterable[str]) -> list[Piece]:
    """The whole text in pieces, every occurrence of a trigger marked, however it is written in capitals or spaces.

    >>> marked("My leg is numb.", ["leg is numb"])
    [Piece(text='My ', marked=False), Piece(text='leg is numb', marked=True), Piece(text='.', marked=False)]
    """
    pieces, end = [], 0
    for start, stop in _spans(text, triggers):
        pieces += [Piece(text[end:start]), Piece(text[start:stop], True)]
        end = stop
    return [piece for piece in [*pieces, Piece(text[end:])] if piece.text]


def excerpt(text: str, triggers: Iterable[str], size: int = 160) -> list[Piece]:
    """About `size` characters around the first trigger, marked; an ellipsis where something is left out."""
    triggers = list(triggers)
    text = " ".join(text.split())
    if len(text) <= size:
        return marked(text, triggers)
    first = next(iter(_spans(text, triggers)), (0, 0))
    start = max(0, min(first[0] - size // 4, len(text) - size))
    start = text.find(" ", start) + 1 if start and text.find(" ", start, first[0]) >= 0 else start
    cut = text[start : start + size]
    if start + size < len(text) and " " in cut[size // 2 :]:
        cut = cut[: cut.rindex(" ")]
    before, after = "… " if start else "", " …" if start + len(cut) < len(text) else ""
    return [piece for piece in [Piece(before), *marked(cut, triggers), Piece(after)] if piece.text]


def _spans(text: str, triggers: Iterable[str]) -> list[tuple[int, int]]:
    """Where triggers stand, in order and joined where they overlap."""
    found = sorted(span for words in triggers for span in _places(text, words))
    joined: list[tuple[int, int]] = []
    for start, stop in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined


def _places(text: str, words: str) -> list[tuple[int, int]]:
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return []
    # Whole words only: the trigger "num" says nothing of "number".
    pattern = r"(?<!\w)" * words.strip()[0].isalnum() + r"\s+".join(parts) + r"(?!\w)" * words.strip()[-1].isalnum()
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
