"""Misspelt words: "feaver", "tingeling", "urinat". Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 5  # letters; in shorter words every slip is another word
LONG = 8  # letters from which two slips are forgiven
MOST_SPELLINGS = 4096  # remembered at a time
MOST_DOUBLED = 6  # letters written double; each doubles the spellings to try, and nobody's slip has more


class Speller:
    """Finds the word that somebody meant: one of `forgive`, or one of `vocabulary` with a letter drawn out.

    Words of `vocabulary` and of `guard` ("never") are right as they stand.
    """

    def __init__(self, vocabulary: Iterable[str], forgive: Iterable[str], guard: Iterable[str]) -> None:
        self._known = frozenset(vocabulary)
        self._guard = frozenset(guard) | self._known
        self._targets = sorted(forgive)
        self.correct = lru_cache(maxsize=MOST_SPELLINGS)(self._correct)

    def wrong(self, word: str) -> bool:
        """Whether a word is taken for a misspelling."""
        return self.correct(word) != word

    def _correct(self, word: str) -> str:
        """The known word that `word` stands for, or `word` itself.

        The first letter must be right. Then one slip (a letter more, less, other, or two swapped) is forgiven, two
        from 8 letters on.
        """
        if word in self._guard or len(word) < SHORTEST or not word.isalpha():
            return word
        shorter = self._drawn_out(word)
        if shorter:
            return shorter
        for target, slips, _ in process.extract(
            word, self._targets, scorer=OSA.distance, score_cutoff=2 if len(word) >= LONG else 1, limit=3
        ):
            if target[0] == word[0] and (slips == 1 or len(target) >= LONG):
                return target
        return word

    def _drawn_out(self, word: str) -> str | None:
        """`baaaack` is back, `numbb` is numb: a letter written more often than it is spelt."""
        runs = [(letter, len(list(group))) for letter, group in groupby(word)]
        doubled = sum(length > 1 for _, length in runs)
        if not 0 < doubled <= MOST_DOUBLED:
            return None
        choices = [(letter * 2, letter) if length > 1 else (letter,) for letter, length in runs]
        shorter = ("".join(letters) for letters in product(*choices))
        return next((known for known in shorter if known != word and known in self._known), None)
