"""The phrase language of `red_flags.yml` and `context_rules.yml`, and its translation to spaCy token patterns.

    cant feel ... <leg>

| written | stands for |
|---|---|
| `numb` | this word (lower case, without apostrophe or accent: `cant`, `im`, `manana`) |
| `numb/dead/<tingle>` | one of these |
| `<leg>` | one entry of the list `leg`; an entry may be several words ("lower leg") |
| `<fever_number>` `<maybe_fever>` | a number that is a fever by itself (102.3), one that may be (103) |
| `<year>` `<number>` | a year (2016), any number that is no sure fever |
| `the?` `<my>?` | may be there or not |
| `...` | up to three words, never across a comma, the end of a sentence or a word like "not" or "but" |
| `...6` | up to six words |
| `.` `?` `,` | the end of a sentence, of a question, a comma |
| `^` first, `$` last | a sentence begins, ends here |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

NUMBER_LISTS: Mapping[str, tuple[str, ...]] = {  # what `temperature.kind` makes of a number
    "fever_number": ("#fever",),
    "maybe_fever": ("#maybe",),
    "year": ("#year",),
    "number": ("#number", "#maybe", "#year"),
}
_NUMBER_WORDS = frozenset(word for words in NUMBER_LISTS.values() for word in words)
# What a gap never swallows: the end of a sentence, and words that turn its meaning.
GAP_STOPS = (
    ".", ";", "?", ",", "not", "no", "never", "without", "isnt", "arent", "wasnt", "havent", "nothing", "but", "nor",
    "or", "if", "nunca",
)  # fmt: skip
DEFAULT_GAP = 3
MOST_ALTERNATIVES = 600  # of one phrase; more would slow every message

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"\.\.\.(\d+)?")


class PhraseError(ValueError):
    """A phrase that cannot be read or could never match; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a pattern: a word out of `words`, or a gap of up to `gap` words."""

    words: frozenset[str] = frozenset()
    optional: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to fill a phrase, word by word."""

    steps: tuple[Step, ...]

    at_start: bool = False

    @property
    def required(self) -> tuple[frozenset[str], ...]:
        """Word sets of which the message must hold one each."""
        return tuple(step.words for step in self.steps if step.words and not step.optional)

    def holds(self, way: tuple[str, ...]) -> bool:
        """Whether these words must stand in the message side by side."""
        steps = [step.words if not step.optional else frozenset() for step in self.steps]
        return any(
            all(words == {word} for words, word in zip(steps[i:], way, strict=False))
            for i in range(len(steps) - len(way) + 1)
        )

    def token_pattern(self, gap: Mapping[Any, Any] | None = None) -> list[dict[Any, Any]]:
        """The same for `spacy.matcher.Matcher`; the end of a sentence is left to whoever matches.

        `gap` describes a word that a gap may swallow, where the matcher knows a quicker way than the list of words.
        """
        tokens = [_token(step, gap or {"LOWER": {"NOT_IN": list(GAP_STOPS)}}) for step in self.steps]
        if self.at_start:
            tokens[0]["IS_SENT_START"] = True
        return tokens


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of a file, ready to match."""

    text: str  # as it stands in the file
    alternatives: tuple[Alternative, ...]
    at_end: bool = False


def parse(text: str, lists: Mapping[str, tuple[str, ...]]) -> Phrase:
    """Read one phrase. Raises `PhraseError`.

    >>> parse("<leg> ... numb", {"leg": ("leg", "lower leg")}).alternatives[1].required
    (frozenset({'lower'}), frozenset({'leg'}), frozenset({'numb'}))
    """
    parts = text.split()
    at_start, at_end = parts[:1] == ["^"], parts[-1:] == ["$"]
    parts = parts[at_start : len(parts) - at_end]
    if not parts:
        raise PhraseError("the phrase has no words")
    if _GAP.fullmatch(parts[0]) or _GAP.fullmatch(parts[-1]):
        raise PhraseError("a gap '...' stands between two words, not first or last")
    choices = [_choices(part, lists) for part in parts]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_ALTERNATIVES:
        raise PhraseError(f"the phrase stands for {count} patterns (most: {MOST_ALTERNATIVES}); split it or its lists")
    alternatives = tuple(
        Alternative(tuple(step for choice in chosen for step in choice), at_start) for chosen in product(*choices)
    )
    if not all(alternative.required for alternative in alternatives):
        raise PhraseError("every word of the phrase is optional, so it would match anything")
    return Phrase(text, alternatives, at_end)


def check_entry(entry: Any) -> tuple[str, ...]:
    """The words of one list entry. Raises `PhraseError` when the tokenizer could never give one of them."""
    words = str(entry).split()
    if not words:
        raise PhraseError("an entry is empty")
    for word in words:
        _check_word(word)
    return tuple(words)


def _choices(part: str, lists: Mapping[str, tuple[str, ...]]) -> list[tuple[Step, ...]]:
    gap = _GAP.fullmatch(part)
    if gap:
        size = int(gap[1] or DEFAULT_GAP)
        if not 1 <= size <= 9:
            raise PhraseError(f"{part!r}: a gap is 1 to 9 words long")
        return [(Step(gap=size),)]
    optional = part.endswith("?") and part != "?"
    names = (part.removesuffix("?") if optional else part).split("/")
    return _steps([entry for name in names for entry in _entries(name, lists)], optional)


def _entries(name: str, lists: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    if not (name.startswith("<") and name.endswith(">")):
        return [check_entry(name)]
    if name[1:-1] in NUMBER_LISTS:
        return [NUMBER_LISTS[name[1:-1]][i : i + 1] for i in range(len(NUMBER_LISTS[name[1:-1]]))]
    if name[1:-1] not in lists:
        raise PhraseError(f"unknown list {name}; the lists are {', '.join(sorted([*lists, *NUMBER_LISTS]))}")
    return [check_entry(entry) for entry in lists[name[1:-1]]]


def _steps(entries: list[tuple[str, ...]], optional: bool) -> list[tuple[Step, ...]]:
    """Single words share one step; entries of several words that differ in one place share their steps, too."""
    single = _shared(frozenset(words[0] for words in entries if len(words) == 1))
    longer = [words for words in entries if len(words) > 1]
    choices: list[tuple[Step, ...]] = [(Step(single, optional),)] if single else ([()] if optional else [])
    heads: dict[tuple[str, ...], set[str]] = {}
    for words in longer:
        heads.setdefault(words[:-1], set()).add(words[-1])
    tails: dict[tuple[frozenset[str], tuple[str, ...]], set[str]] = {}
    for words, ends in heads.items():
        tails.setdefault((_shared(frozenset(ends)), words[1:]), set()).add(words[0])
    for (last, middle), first in tails.items():
        choices.append((Step(_shared(frozenset(first))), *(Step(_shared(frozenset({w}))) for w in middle), Step(last)))
    return choices


@cache
def _shared(words: frozenset[str]) -> frozenset[str]:
    """One object for equal sets: the same lists stand in hundreds of phrases."""
    return words


def _check_word(word: str) -> None:
    if word in _NUMBER_WORDS or word in (",", ".", "?"):
        return
    if word != word.lower():
        raise PhraseError(f"{word!r} can never match: write words in lower case")
    if not _WORD.fullmatch(word):
        raise PhraseError(f"{word!r} can never match: a word is letters and digits alone (can't is written cant)")
    if not word.isascii():
        raise PhraseError(f"{word!r} can never match: write it without accents")
    if word[0].isdigit():
        raise PhraseError(
            f"{word!r} can never match: numbers are written <number>, <year>, <fever_number> or <maybe_fever>"
        )


def _token(step: Step, gap: Mapping[Any, Any]) -> dict[Any, Any]:
    if step.gap:
        return {**gap, "OP": f"{{0,{step.gap}}}"}
    words = sorted(step.words)
    token: dict[Any, Any] = {"LOWER": words[0] if len(words) == 1 else {"IN": words}}
    return token | {"OP": "?"} if step.optional else token
