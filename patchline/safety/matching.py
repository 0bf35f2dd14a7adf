"""Finds the phrases of the rules in a message, with spaCy's Matcher."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from .phrases import GAP_STOPS, Phrase
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
    needs: int  # one bit for each word set of which the text must hold a word
    matcher: Matcher
    crosses: bool  # names the end of a sentence, so it is tried on the whole message


class PhraseIndex:
    """All phrases of one kind.

    Gaps never cross the end of a sentence, so sentences are tried one by one; and only the phrases whose words are all
    there are handed to spaCy. Of some thousand patterns that is a handful, which keeps a message within a millisecond.
    """

    def __init__(self, vocab: Vocab, owners: Iterable[tuple[str, Iterable[Phrase]]]) -> None:
        self._sets: dict[frozenset[str], int] = {}  # word set -> its bit
        self._bits: dict[str, int] = {}  # word -> bits of the sets that hold it
        self._gap = {vocab.add_flag(lambda text: text not in GAP_STOPS): True}  # a bit on each word: no list to search
        entries = [
            entry for owner, phrases in owners for phrase in phrases for entry in self._compile(vocab, owner, phrase)
        ]
        self._within = [entry for entry in entries if not entry.crosses]
        self._across = [entry for entry in entries if entry.crosses]

    def _compile(self, vocab: Vocab, owner: str, phrase: Phrase) -> list[_Entry]:
        by_needs: dict[int, Matcher] = {}
        for alternative in phrase.alternatives:
            needs = 0
            for words in alternative.required:
                needs |= self._bit(words)
            matcher = by_needs.setdefault(needs, Matcher(vocab, validate=False))
            matcher.add(owner, [alternative.token_pattern(self._gap)])
        crosses = any(step.words & SENTENCE_ENDS for a in phrase.alternatives for step in a.steps[:-1])
        return [_Entry(owner, phrase, needs, matcher, crosses) for needs, matcher in by_needs.items()]

    def _bit(self, words: frozenset[str]) -> int:
        if words not in self._sets:
            bit = self._sets[words] = 1 << len(self._sets)
            for word in words:
                self._bits[word] = self._bits.get(word, 0) | bit
        return self._sets[words]

    def find(self, doc: Doc) -> list[Hit]:
        """Every place of every phrase, shortest first; of one owner's overlapping hits all are given."""
        possible = self._possible(self._within, doc[:])
        hits = {hit for sentence in doc.sents for hit in self._find(possible, sentence)}
        hits.update(self._find(self._across, doc[:]))
        return sorted(hits, key=lambda hit: (hit.end - hit.start, hit.start, hit.owner, hit.phrase))

    def _possible(self, entries: list[_Entry], part: Span) -> list[_Entry]:
        """Those whose words are all in `part`."""
        has = 0
        for word in {token.text for token in part}:
            has |= self._bits.get(word, 0)
        return [entry for entry in entries if entry.needs & has == entry.needs]

    def _find(self, entries: list[_Entry], part: Span) -> Iterator[Hit]:
        for entry in self._possible(entries, part):
            for _, start, end in entry.matcher(part):
                if not entry.phrase.at_end or _ends_sentence(part.doc, part.start + end):
                    yield Hit(entry.owner, entry.phrase.text, part.start + start, part.start + end)


def _ends_sentence(doc: Doc, end: int) -> bool:
    return end == len(doc) or doc[end].text in SENTENCE_ENDS or bool(doc[end].is_sent_start)


def shortest(hits: Iterable[Hit]) -> list[Hit]:
    """Of the overlapping hits of one owner the shortest, in reading order."""
    kept: list[Hit] = []
    for hit in hits:
        if not any(k.owner == hit.owner and k.start < hit.end and hit.start < k.end for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.owner))
