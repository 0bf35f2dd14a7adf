"""The rules net: `Detector(rules).detect(text)`. Pure; one shared detector serves all messages of a process."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

import spacy
from spacy.tokens import Doc

from . import courtesies, language
from .context import Context, Standing
from .matching import Hit, PhraseIndex, shortest
from .model import SOFT, TIERS, Detection, Flag, Status, worst
from .phrases import GAP_STOPS
from .rules import Group, Rules, Signal
from .spelling import Speller
from .text import clean
from .tokens import SENTENCE_ENDS, Reader, Token

_OTHER_IN_SPANISH = frozenset({"da", "he", "son"})  # "me da fiebre", "he tenido", "son fuertes": nobody's relative
_NOBODY_IN_SPANISH = frozenset({"he", "son", "da", "ma", "nan", "pa", "pop"})  # "no he orinado", "son las dos"
_FIRM: tuple[Status, ...] = ("negated", "before_patch", "hypothetical", "history", "other_person", "present")


@dataclass(frozen=True)
class Reading:
    """How a message was read; `explain` shows it."""

    text: str  # cleaned
    tokens: tuple[Token, ...]
    hits: tuple[tuple[Hit, Standing], ...]
    dropped: tuple[tuple[Hit, str], ...]  # hits under a false friend, and its id
    detection: Detection


class Detector:
    """Matches messages against `rules`. Building one takes about half a second; it keeps nothing between messages."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        vocabulary = _vocabulary(rules)
        known = vocabulary | {word for ways in rules.same.values() for way in ways for word in way}
        speller = Speller(known, rules.forgive, rules.guard)
        self._reader = Reader(vocabulary, speller, rules.same)
        self._nlp = spacy.blank("en")
        owners: tuple[Group | Signal, ...] = (*rules.groups, *rules.signals, *rules.unclear)
        self._index = PhraseIndex((owner.id, owner.phrases) for owner in owners)
        self._friends = PhraseIndex((f.id, f.phrases) for f in rules.false_friends)
        self._context = Context(self._nlp, rules.context)
        self._groups = {group.id: group for group in rules.groups}
        self._only = {friend.id: friend.only for friend in rules.false_friends}
        self._unclear = frozenset(item.id for item in rules.unclear)

    def detect(self, text: str) -> Detection:
        """The warning signs of one message. Never raises for any text; about a millisecond."""
        return self.read(text).detection

    def read(self, text: str) -> Reading:
        """Like `detect`, with everything that led to it."""
        text = clean(text)
        start, end = courtesies.core(text, answers=True)  # "hi, it's back" begins with "it's back"
        tokens = [replace(t, start=t.start + start, end=t.end + start) for t in self._reader.read(text[start:end])]
        words = [token.plain for token in tokens]
        hits, dropped = self._without_false_friends(words, self._index.find(words))
        hits = self._that_matter(hits)
        standings = self._context.judge(self._doc(words), hits, self._label) if hits else {}
        flags = self._flags(text, tokens, hits, standings)
        detection = self._detection(text, tokens, hits, standings, flags)
        judged = tuple((hit, standings[hit]) for hit in hits)
        return Reading(text, tuple(tokens), judged, tuple(dropped), detection)

    def corrected(self, text: str) -> tuple[tuple[str, str], ...]:
        """The misspelt words of a message and what they are read as."""
        return self._reader.corrected(clean(text))

    def _doc(self, words: list[str]) -> Doc:
        starts: list[bool | int | None] = [i == 0 or words[i - 1] in SENTENCE_ENDS for i in range(len(words))]
        return Doc(self._nlp.vocab, words=words, sent_starts=starts)

    def _without_false_friends(self, words: list[str], found: list[Hit]) -> tuple[list[Hit], list[tuple[Hit, str]]]:
        friends = self._friends.find(words) if found else []
        kept: list[Hit] = []
        dropped: list[tuple[Hit, str]] = []
        for hit in found:
            friend = next((f for f in friends if self._covers(f, hit)), None)
            if friend:
                dropped.append((hit, friend.owner))
            else:
                kept.append(hit)
        return shortest(kept), dropped

    def _that_matter(self, hits: list[Hit]) -> list[Hit]:
        """Without the signals of groups that cannot be there."""
        owners = {hit.owner for hit in hits}
        there = [g for g in self.rules.groups if g.id in owners or (g.all_of and owners.issuperset(g.all_of))]
        matter = {name for g in there for name in (g.id, *g.all_of, *g.needs, *g.unless)} | self._unclear
        return [hit for hit in hits if hit.owner in matter]

    def _covers(self, friend: Hit, hit: Hit) -> bool:
        only = self._only[friend.owner]
        return friend.start < hit.end and hit.start < friend.end and (not only or self._label(hit.owner) in only)

    def _label(self, owner: str) -> str:
        """What context rules call it: a group by its category, a signal by its id."""
        return self._groups[owner].category if owner in self._groups else owner

    def _flags(
        self, text: str, tokens: list[Token], hits: list[Hit], standings: dict[Hit, Standing]
    ) -> tuple[Flag, ...]:
        there = {hit.owner for hit in hits if standings[hit].status != "negated"}
        flags = []
        for group in self.rules.groups:
            if (group.needs and not there & set(group.needs)) or there & set(group.unless):
                continue
            for start, end, standing in _places(group, hits, standings):
                span = tokens[start].start, tokens[end - 1].end
                words = text[slice(*span)]
                sign = (group.id, group.tier, group.category)
                flags.append(Flag(*sign, span, words, standing.status, standing.rule, group.weak))
        return _without_doubles(flags)

    def _detection(
        self,
        text: str,
        tokens: list[Token],
        hits: list[Hit],
        standings: dict[Hit, Standing],
        flags: tuple[Flag, ...],
    ) -> Detection:
        tier = worst(f.tier for f in flags if f.status == "present")
        detection = Detection(tier, flags, language=language.of(text))
        if detection.sure_tier is None:
            soft = any(flag.status in SOFT and not flag.weak for flag in flags)
            vague = any(hit.owner in self._unclear and standings[hit].status == "present" for hit in hits)
            detection = replace(detection, what_if=soft, unclear=vague and not soft)
        return replace(detection, relative=self._is_relative(tokens, flags, detection.language))

    def _is_relative(self, tokens: list[Token], flags: tuple[Flag, ...], spoken: str) -> bool:
        """Whose sign is it? The person named last before the end of the worst sign, or else first after it.

        Somebody who may hurt a baby is whoever is named first: "I shook her" is the writer's own.
        """
        worst = max(flags, key=_weight, default=None)
        end = worst.span[1] if worst else 0
        harm = worst is not None and worst.category == "harm_baby"
        relatives = self.rules.relatives - (_NOBODY_IN_SPANISH if spoken == "es" else frozenset())
        person = named = False
        for token, following in zip_longest(tokens, tokens[1:]):
            if named and (harm or token.start >= end):
                break
            after = following.plain if following else ""
            relative = token.plain in relatives and (harm or after not in self.rules.reports)
            own = token.plain in self.rules.selves and after not in self.rules.relatives  # "my wife" is not the writer
            if own or (relative and not (harm and token.plain in self.rules.babies)):
                person, named = relative, True
        return person


def _without_doubles(flags: list[Flag]) -> tuple[Flag, ...]:
    """In reading order; of flags that say the same of the same words ("leg is" in "leg is numb") the longest.

    A weak flag never stands for a sure one, and says nothing beside one of its category.
    """
    sure = {(flag.category, flag.status) for flag in flags if not flag.weak}
    flags = [flag for flag in flags if not flag.weak or (flag.category, flag.status) not in sure]
    kept: dict[tuple[str, str], list[Flag]] = {}
    for flag in sorted(flags, key=lambda flag: (flag.span[0] - flag.span[1], flag.id)):
        alike = kept.setdefault((flag.category, flag.status), [])  # none within another: both ends rise
        place = bisect(alike, flag.span[0], key=lambda one: one.span[0])
        if not place or alike[place - 1].span[1] < flag.span[1]:
            alike.insert(place, flag)
    return tuple(sorted(chain.from_iterable(kept.values()), key=lambda flag: (flag.span, flag.id)))


def _weight(flag: Flag) -> tuple[bool, int]:
    return flag.status == "present", TIERS.index(flag.tier)


def _places(group: Group, hits: Iterable[Hit], standings: dict[Hit, Standing]) -> list[tuple[int, int, Standing]]:
    """Where a group stands in the message. One of several signals has the standing of its weakest part."""
    if not group.all_of:
        return [(hit.start, hit.end, standings[hit]) for hit in hits if hit.owner == group.id]
    parts = []
    for signal in group.all_of:
        found = [hit for hit in hits if hit.owner == signal]
        if not found:
            return []
        parts.append(max(found, key=lambda hit: _FIRM.index(standings[hit].status)))
    weakest = min((standings[part] for part in parts), key=lambda standing: _FIRM.index(standing.status))
    return [(parts[0].start, parts[0].end, weakest)]


def _vocabulary(rules: Rules) -> frozenset[str]:
    words = {
        word
        for phrase in rules.phrases
        for alternative in phrase.alternatives
        for step in alternative.steps
        for word in step.words
    }
    return frozenset(
        words | SENTENCE_ENDS | rules.relatives | rules.selves | rules.reports | rules.babies | {",", *GAP_STOPS}
    )
