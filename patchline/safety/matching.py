"""Finds the phrases of the rules in a message.

Every word of the rules is one character, a message is a string of them and a phrase a regular expression over it: a
thousand tests take a fraction of a millisecond.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .phrases import GAP_STOPS, Alternative, Phrase, Step
from .tokens import SENTENCE_ENDS

_FIRST = 0x4E00  # of the characters that stand for words: far from all that means something in a regular expression
_OTHER = chr(_FIRST)  # a word that no phrase names


@dataclass(frozen=True)
class Hit:
    """A phrase found: tokens `start` to `end` (exclusive) of the message."""

    owner: str  # id of the group, signal or rule that the phrase belongs to
    phrase: str
    start: int
    end: int


class _Letters:
    """One character for each word."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._stops = "".join(self.of(word) for word in GAP_STOPS)
        self._ends = "".join(self.of(word) for word in sorted(SENTENCE_ENDS))

    def of(self, word: str) -> str:
        return self._of.setdefault(word, chr(_FIRST + 1 + len(self._of)))

    def write(self, words: Iterable[str]) -> str:
        return "".join(self._of.get(word, _OTHER) for word in words)

    def expression(self, alternatives: Sequence[Alternative], at_end: bool) -> re.Pattern[str]:
        """Matches nothing itself; group 1 is the phrase, as short as can be from where it starts."""
        ways = "|".join(self._way(alternative) for alternative in alternatives)
        return re.compile(f"(?=((?:{ways}))" + (f"(?:$|[{self._ends}])" if at_end else "") + ")")

    def _way(self, alternative: Alternative) -> str:
        start = f"(?:^|(?<=[{self._ends}]))" if alternative.at_start else ""
        return start + "".join(self._step(step) for step in alternative.steps)

    def _step(self, step: Step) -> str:
        if step.gap:
            return f"[^{self._stops}]{{0,{step.gap}}}?"
        return f"[{''.join(map(self.of, step.words))}]" + ("??" if step.optional else "")


@dataclass
class _Entry:
    """Those alternatives of a phrase that need the same words."""

    owner: str
    phrase: Phrase
    needs: int  # one bit for each word set of which the text must hold a word
    letters: _Letters
    alternatives: list[Alternative]

    @cached_property  # most phrases wait for their first message long, many for ever
    def expression(self) -> re.Pattern[str]:
        return self.letters.expression(self.alternatives, self.phrase.at_end)

    @property
    def crosses(self) -> bool:
        """Whether it names the end of a sentence, so that it is tried on the whole message."""
        return any(step.words & SENTENCE_ENDS for way in self.alternatives for step in way.steps[:-1])


class PhraseIndex:
    """All phrases of one kind.

    Gaps never cross the end of a sentence, so sentences are tried one by one; and only the phrases whose words are all
    there are tried at all. Of some thousand that is a handful.
    """

    def __init__(self, owners: Iterable[tuple[str, Iterable[Phrase]]]) -> None:
        self._sets: dict[frozenset[str], int] = {}  # word set -> its bit
        self._bits: dict[str, int] = {}  # word -> bits of the sets that hold it
        self._letters = _Letters()
        entries = [entry for owner, phrases in owners for phrase in phrases for entry in self._entries(owner, phrase)]
        for word in self._bits:
            self._letters.of(word)
        self._within = self._by_set([entry for entry in entries if not entry.crosses])
        self._across = self._by_set([entry for entry in entries if entry.crosses])

    def _by_set(self, entries: list[_Entry]) -> dict[int, list[_Entry]]:
        """Each under the smallest word set that it needs: the one that fewest messages have a word of."""
        sizes = {bit: len(words) for words, bit in self._sets.items()}
        found: dict[int, list[_Entry]] = {}
        for entry in entries:
            needed = (self._sets[words] for words in entry.alternatives[0].required)
            found.setdefault(min(needed, key=sizes.__getitem__), []).append(entry)
        return found

    def _entries(self, owner: str, phrase: Phrase) -> list[_Entry]:
        by_needs: dict[int, _Entry] = {}
        for alternative in phrase.alternatives:
            needs = 0
            for words in alternative.required:
                needs |= self._bit(words)
            for step in alternative.steps:
                for word in step.words:
                    self._letters.of(word)
            entry = by_needs.setdefault(needs, _Entry(owner, phrase, needs, self._letters, []))
            entry.alternatives.append(alternative)
        return list(by_needs.values())

    def _bit(self, words: frozenset[str]) -> int:
        if words not in self._sets:
            bit = self._sets[words] = 1 << len(self._sets)
            for word in words:
                self._bits[word] = self._bits.get(word, 0) | bit
        return self._sets[words]

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Every place of every phrase, shortest first; of one owner's overlapping hits all are given."""
        places: dict[tuple[str, ...], list[int]] = {}
        for start, end in _sentences(words):
            places.setdefault(tuple(words[start:end]), []).append(start)
        hits = set(self._find(self._across, words, [0]))
        for sentence, starts in places.items():  # one that is said a thousand times is read once
            hits.update(self._find(self._within, sentence, starts))
        return sorted(hits, key=lambda hit: (hit.end - hit.start, hit.start, hit.owner, hit.phrase))

    def _possible(self, entries: Mapping[int, list[_Entry]], words: Iterable[str]) -> list[_Entry]:
        """Those whose words are all there."""
        has = 0
        for word in set(words):
            has |= self._bits.get(word, 0)
        return [e for bit, some in entries.items() if bit & has for e in some if e.needs & has == e.needs]

    def _find(self, entries: Mapping[int, list[_Entry]], words: Sequence[str], starts: Sequence[int]) -> Iterator[Hit]:
        possible = self._possible(entries, words)
        text = self._letters.write(words) if possible else ""
        for entry in possible:
            for match in entry.expression.finditer(text):
                for first in starts:
                    yield Hit(entry.owner, entry.phrase.text, first + match.start(1), first + match.end(1))


def _sentences(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each sentence starts and ends, its full stop included."""
    start = 0
    for i, word in enumerate(words):
        if word in SENTENCE_ENDS:
            yield start, i + 1
            start = i + 1
    if start < len(words):
        yield start, len(words)


def shortest(hits: Iterable[Hit]) -> list[Hit]:
    """Of the overlapping hits of one owner the shortest, in reading order."""
    starts: dict[str, list[int]] = {}
    kept: dict[tuple[str, int], Hit] = {}
    for hit in hits:
        own = starts.setdefault(hit.owner, [])  # of hits that do not overlap, so only the two beside it can
        place = bisect(own, hit.start)
        beside = [kept[hit.owner, start] for start in own[max(0, place - 1) : place + 1]]
        if not any(k.start < hit.end and hit.start < k.end for k in beside):
            own.insert(place, hit.start)
            kept[hit.owner, hit.start] = hit
    return sorted(kept.values(), key=lambda hit: (hit.start, hit.end, hit.owner))
