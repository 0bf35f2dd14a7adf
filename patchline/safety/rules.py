"""The rules net's knowledge: warning signs, signals, context rules and false friends. Pure data; `loading` reads it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from .model import Tier
from .phrases import Phrase

Kind = Literal[
    "negation",
    "hypothetical",
    "history",
    "other_person",
    "before_patch",
    "present",
    "stop",
    "stop_denial",
    "look_alike",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
DIRECTIONS = ("forward", "backward", "both", "message")


@dataclass(frozen=True)
class Group:
    """One warning sign: `phrases`, or signals that together make it (`all_of`)."""

    id: str
    tier: Tier
    category: str
    finds: str  # a patient's sentence that this group is enough to find
    leaves: str  # one with the same key words in which this group finds no sign
    source: str  # a line of the clinic's document, or published guidance
    reviewer: str
    reviewed: datetime.date
    language: str
    phrases: tuple[Phrase, ...]
    all_of: tuple[str, ...]  # ids of signals that must all be present
    needs: tuple[str, ...]  # at least one of these signals stands in the message
    unless: tuple[str, ...]  # none of these signals stands in the message
    place: str  # "red_flags.yml line 12"
    weak: bool = False  # words too common to raise without some support of the intent model


@dataclass(frozen=True)
class Signal:
    """A part of a warning sign that is none by itself, e.g. a stiff neck."""

    id: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class ContextRule:
    """Words that change what a warning sign near them means."""

    id: str
    kind: Kind
    direction: str  # where the sign stands, seen from these words; "message": anywhere
    within: int  # words between them and the sign, at most
    commas: bool  # whether it reaches past a comma
    only: frozenset[str]  # categories or signals; empty: all
    never: frozenset[str]  # categories or signals that it never lowers
    why: str
    phrases: tuple[Phrase, ...]

    def concerns(self, label: str) -> bool:
        """Whether the rule may lower a sign of this category."""
        return label not in self.never and (not self.only or label in self.only)


@dataclass(frozen=True)
class FalseFriend:
    """Words that look like a warning sign and are none, e.g. "numbing shot"."""

    id: str
    only: frozenset[str]
    why: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Rules:
    """Everything that the rules net knows."""

    groups: tuple[Group, ...]
    signals: tuple[Signal, ...]
    unclear: tuple[Signal, ...]
    context: tuple[ContextRule, ...]
    false_friends: tuple[FalseFriend, ...]
    same: Mapping[str, tuple[tuple[str, ...], ...]]  # plain way to say it -> all ways
    forgive: frozenset[str]  # words whose misspellings are forgiven
    guard: frozenset[str]  # words that look like such a misspelling and are none
    relatives: frozenset[str]
    selves: frozenset[str]
    reports: frozenset[str]  # "says", "thinks": whoever stands before them tells of somebody
    babies: frozenset[str]  # whom a writer may fear to harm

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        parts = (self.groups, self.signals, self.unclear, self.context, self.false_friends)
        return tuple(phrase for part in parts for item in part for phrase in item.phrases)
