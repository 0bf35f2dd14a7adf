"""Finds the phrases of the rules in a message, with spaCy's Matcher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .phrases import Phrase
from .tokens import SENTENCE_ENDS


@dataclass(frozen=True)
class Hit:
    """A phrase found: tokens `start` to `end` (exclusive) of the message."""

    owner: str  # id of the group, signal or rule that the phrase belongs to
    phrase: str
    start: int
    end: int


@dataclass(frozen=True)
class _Entry:
    owner: str
    phrase: Phrase
    needs: int  # one bit for each word set of which the message must hold a word
    matcher: Matcher


class PhraseIndex:
    """All phrases of one kind. Only those whose words are all in the message are handed to spaCy: of some thousand
    patterns that is a handful, which is what keeps a message within a millisecond or two."""

    def __init__(self, vocab: Vocab, owners: Iterable[tuple[str, Iterable[Phrase]]]) -> None:
        self._sets: dict[frozenset[str], int] = {}  # word set -> its bit
        self._bits: dict[str, int] = {}  # word -> bits of the sets that hold it
        self._entries = [
            entry for owner, phrases in owners for phrase in phrases for entry in self._compile(vocab, owner, phrase)
        ]

    def _compile(self, vocab: Vocab, owner: str, phrase: Phrase) -> list[_Entry]:
        by_needs: dict[int, Matcher] = {}
        for alternative in phrase.alternatives:
            needs = 0
            for words in alternative.required:
                needs |= self._bit(words)
            matcher = by_needs.setdefault(needs, Matcher(vocab))
            matcher.add(owner, [alternative.token_pattern()])
        return [_Entry(owner, phrase, needs, matcher) for needs, matcher in by_needs.items()]

    def _bit(self, words: frozenset[str]) -> int:
        if words not in self._sets:
            bit = self._sets[words] = 1 << len(self._sets)
            for word in words:
                self._bits[word] = self._bits.get(word, 0) | bit
        return self._sets[words]

    def find(self, doc: Doc) -> list[Hit]:
        """Every place of every phrase, shortest first; of one owner's overlapping hits all are given."""
        has = 0
        for word in {token.text for token in doc}:
            has |= self._bits.get(word, 0)
        hits = {
            Hit(entry.owner, entry.phrase.text, start, end)
            for entry in self._entries
            if entry.needs & has == entry.needs
            for _, start, end in entry.matcher(doc)
            if not entry.phrase.at_end or end == len(doc) or doc[end].is_sent_start or doc[end].text in SENTENCE_ENDS
        }
        return sorted(hits, key=lambda hit: (hit.end - hit.start, hit.start, hit.owner, hit.phrase))


def shortest(hits: Iterable[Hit]) -> list[Hit]:
    """Of the overlapping hits of one owner the shortest, in reading order."""
    kept: list[Hit] = []
    for hit in hits:
        if not any(k.owner == hit.owner and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.owner))
