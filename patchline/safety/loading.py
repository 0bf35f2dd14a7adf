"""Reads `content/red_flags.yml` and `content/context_rules.yml`.

A mistake stops the start: `ContentError` names the file, the line and what to mend.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patchline.content import ContentError, check_keys, read_yaml, where

from .model import CATEGORIES, TIERS
from .phrases import Phrase, PhraseError, check_entry, parse
from .rules import DIRECTIONS, KINDS, ContextRule, FalseFriend, Group, Rules, Signal

Lists = Mapping[str, tuple[str, ...]]


def load(folder: Path) -> Rules:
    """Read and check both files of `folder`. Raises `ContentError`, e.g.

    red_flags.yml line 12: 'Numb' can never match: write words in lower case
    """
    flags, context = _File(folder / "red_flags.yml"), _File(folder / "context_rules.yml")
    words = {"same", "forgive", "guard", "relatives", "selves", "lists"}
    required = {"reviewer", "reviewed", *words, "signals", "groups", "unclear"}
    check_keys(flags.path, flags.data, required, {"reports", "babies"})
    check_keys(context.path, context.data, {"reviewer", "reviewed", "lists", "false_friends", "rules"})
    for file in (flags, context):
        file.date(file.data)
    lists = flags.lists(flags.data["lists"], {})
    flags.lists_known = lists
    context.lists_known = lists | context.lists(context.data["lists"], lists)
    seen: set[str] = set()
    signals = tuple(flags.signal(item, seen) for item in flags.data["signals"])
    rules = Rules(
        groups=tuple(flags.group(item, seen, {signal.id for signal in signals}) for item in flags.data["groups"]),
        signals=signals,
        unclear=tuple(flags.signal(item, seen) for item in flags.data["unclear"]),
        false_friends=tuple(context.false_friend(item, seen, signals) for item in context.data["false_friends"]),
        context=tuple(context.rule(item, seen, signals) for item in context.data["rules"]),
        same=flags.same(flags.data["same"]),
        forgive=frozenset(flags.words(flags.data, "forgive")),
        guard=frozenset(flags.words(flags.data, "guard")),
        relatives=frozenset(flags.words(flags.data, "relatives")),
        selves=frozenset(flags.words(flags.data, "selves")),
        reports=frozenset(flags.words(flags.data, "reports") if "reports" in flags.data else ()),
        babies=frozenset(flags.words(flags.data, "babies") if "babies" in flags.data else ()),
    )
    _check_used(flags, rules)
    _check_rewritten(flags, context, rules)
    return rules


class _File:
    """One of the two files while it is read: turns its nodes into rules, errors into file and line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = read_yaml(path)
        self.lists_known: Lists = {}
        self.places: dict[int, str] = {}

    def fail(self, node: Any, key: Any, problem: str) -> ContentError:
        return ContentError(f"{where(self.path, node, key)}: {problem}")

    def date(self, node: Any) -> datetime.date:
        if not isinstance(node["reviewed"], datetime.date):
            raise self.fail(node, "reviewed", f"'reviewed' must be a date like 2026-11-22, not {node['reviewed']!r}")
        return node["reviewed"]

    def lists(self, node: Any, known: Lists) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name in node:
            if name in known:
                raise self.fail(node, name, f"the list {name!r} is already in red_flags.yml")
            found[name] = self.words(node, name)
        for name in node:
            found[name] = tuple(self._expand(node, name, found | dict(known), ()))
        return found

    def _expand(self, node: Any, name: str, lists: Lists, inside: tuple[str, ...]) -> list[str]:
        """A list may hold another one: `<foot>` as an entry of `leg`."""
        words: list[str] = []
        for entry in lists[name]:
            if not entry.startswith("<"):
                words.append(entry)
            elif entry[1:-1] not in lists or name in inside:
                raise self.fail(
                    node, name, f"the list {name!r} names {entry}, which is unknown or holds {name!r} itself"
                )
            else:
                words.extend(self._expand(node, entry[1:-1], lists, (*inside, name)))
        return words

    def words(self, node: Any, key: str) -> tuple[str, ...]:
        """Entries of a list, each checked. They may stand in one string, separated by commas."""
        value = node[key]
        entries = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not entries or not isinstance(entries, list):
            raise self.fail(node, key, f"{key!r} must be a list of words, and not empty")
        for i, entry in enumerate(entries):
            if isinstance(entry, str) and entry.startswith("<") and entry.endswith(">"):
                continue
            try:
                check_entry(entry if isinstance(entry, str) else repr(entry))
            except PhraseError as error:
                raise self._at(node, key, i, error) from error
        return tuple(entries)

    def same(self, node: Any) -> dict[str, tuple[tuple[str, ...], ...]]:
        for plain in node:
            if len(plain.split()) != 1:
                raise self.fail(node, plain, f"{plain!r} must be one word")
        return {plain: tuple(tuple(way.split()) for way in self.words(node, plain)) for plain in node}

    def phrases(self, node: Any, key: str = "patterns") -> tuple[Phrase, ...]:
        value = node[key]
        if not isinstance(value, list) or not value:
            raise self.fail(node, key, f"{key!r} must be a list of phrases, and not empty")
        found = []
        for i, text in enumerate(value):
            try:
                if not isinstance(text, str):
                    raise PhraseError("a phrase is words; put quotes around it when it begins with a sign like ? or *")
                phrase = parse(text, self.lists_known)
            except PhraseError as error:
                raise self._at(node, key, i, error) from error
            self.places[id(phrase)] = self._line(node, key, i)
            found.append(phrase)
        return tuple(found)

    def _line(self, node: Any, key: str, i: int) -> str:
        items = node[key]
        if hasattr(items, "lc") and items.lc.data and i in items.lc.data:
            return f"{self.path.name} line {items.lc.item(i)[0] + 1}"
        return where(self.path, node, key)

    def _at(self, node: Any, key: str, i: int, error: Exception) -> ContentError:
        return ContentError(f"{self._line(node, key, i)}: {error}")

    def new_id(self, node: Any, seen: set[str]) -> str:
        if node["id"] in seen:
            raise self.fail(node, "id", f"the id {node['id']!r} stands twice")
        seen.add(node["id"])
        return str(node["id"])

    def sentence(self, node: Any, key: str) -> str:
        if not isinstance(node[key], str) or not node[key].strip():
            raise self.fail(node, key, f"{key!r} must be one sentence as a patient writes it, not {node[key]!r}")
        return str(node[key].strip())

    def signal(self, node: Any, seen: set[str]) -> Signal:
        check_keys(self.path, node, {"id", "patterns"})
        return Signal(self.new_id(node, seen), self.phrases(node))

    def group(self, node: Any, seen: set[str], signals: set[str]) -> Group:
        required = {"id", "tier", "category", "finds", "leaves", "source", "reviewer", "reviewed"}
        check_keys(self.path, node, required, {"patterns", "all_of", "needs", "unless", "language", "weak"})
        if node["tier"] not in TIERS:
            raise self.fail(node, "tier", f"unknown tier {node['tier']!r}; use one of {', '.join(TIERS)}")
        if node["category"] not in CATEGORIES[node["tier"]]:
            known = ", ".join(CATEGORIES[node["tier"]])
            raise self.fail(node, "category", f"unknown category {node['category']!r} of {node['tier']}; use {known}")
        if node.get("language", "en") not in ("en", "es"):
            raise self.fail(node, "language", "'language' is en or es")
        if not isinstance(node.get("weak", False), bool):
            raise self.fail(node, "weak", "'weak' is true or false")
        if ("patterns" in node) == ("all_of" in node):
            raise self.fail(node, None, "a group has either 'patterns' or 'all_of'")
        return Group(
            id=self.new_id(node, seen),
            tier=node["tier"],
            category=node["category"],
            finds=self.sentence(node, "finds"),
            leaves=self.sentence(node, "leaves"),
            source=str(node["source"]),
            reviewer=str(node["reviewer"]),
            reviewed=self.date(node),
            language=node.get("language", "en"),
            phrases=self.phrases(node) if "patterns" in node else (),
            all_of=self._names(node, "all_of", signals),
            needs=self._names(node, "needs", signals),
            unless=self._names(node, "unless", signals),
            place=where(self.path, node),
            weak=node.get("weak", False),
        )

    def rule(self, node: Any, seen: set[str], signals: tuple[Signal, ...]) -> ContextRule:
        check_keys(
            self.path, node, {"id", "kind", "why", "patterns"}, {"direction", "within", "commas", "only", "never"}
        )
        if "only" in node and "never" in node:
            raise self.fail(node, "never", "a rule has 'only' or 'never', not both")
        if node["kind"] not in KINDS:
            raise self.fail(node, "kind", f"unknown kind {node['kind']!r}; use one of {', '.join(KINDS)}")
        if node.get("direction", "forward") not in DIRECTIONS:
            raise self.fail(node, "direction", f"'direction' is one of {', '.join(DIRECTIONS)}")
        phrases = self.phrases(node)
        for i, phrase in enumerate(phrases):
            if phrase.at_end:
                raise self._at(node, "patterns", i, PhraseError("a context rule has no '$'; use '.' or '?' instead"))
        within = node.get("within", 5)
        if not isinstance(within, int) or not 0 <= within <= 60:
            raise self.fail(node, "within", "'within' is a number of words, 0 to 60")
        return ContextRule(
            id=self.new_id(node, seen),
            kind=node["kind"],
            direction=node.get("direction", "forward"),
            within=within,
            commas=bool(node.get("commas", False)),
            only=self._targets(node, "only", signals),
            never=self._targets(node, "never", signals),
            why=str(node["why"]),
            phrases=phrases,
        )

    def false_friend(self, node: Any, seen: set[str], signals: tuple[Signal, ...]) -> FalseFriend:
        check_keys(self.path, node, {"id", "why", "patterns"}, {"only"})
        return FalseFriend(
            self.new_id(node, seen), self._targets(node, "only", signals), str(node["why"]), self.phrases(node)
        )

    def _targets(self, node: Any, key: str, signals: tuple[Signal, ...]) -> frozenset[str]:
        known = {category for categories in CATEGORIES.values() for category in categories}
        return frozenset(self._names(node, key, known | {signal.id for signal in signals}))

    def _names(self, node: Any, key: str, known: set[str]) -> tuple[str, ...]:
        value = node.get(key, [])
        if not isinstance(value, list) or (key in node and not value):
            raise self.fail(node, key, f"{key!r} must be a list, and not empty")
        for name in value:
            if name not in known:
                raise self.fail(node, key, f"{key!r} names {name!r}, which is unknown")
        return tuple(value)


def _check_used(flags: _File, rules: Rules) -> None:
    """A signal that no group names can never matter; most likely a group's name for it is misspelt."""
    named = {name for group in rules.groups for name in (*group.all_of, *group.needs, *group.unless)}
    for item in flags.data["signals"]:
        if item["id"] not in named:
            raise flags.fail(item, "id", f"no group names the signal {item['id']!r}")


def _check_rewritten(flags: _File, context: _File, rules: Rules) -> None:
    """A pattern with words that the reader always writes another way can never match."""
    places = flags.places | context.places
    ways: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for plain, many in rules.same.items():
        for way in many:
            if way != (plain,):
                ways.setdefault(way[0], []).append((way, plain))
    for phrase in rules.phrases:
        for alternative in phrase.alternatives:
            first = [word for step in alternative.steps if len(step.words) == 1 for word in step.words]
            for way, plain in (pair for word in first for pair in ways.get(word, ())):
                if alternative.holds(way):
                    raise ContentError(
                        f"{places[id(phrase)]}: {' '.join(way)!r} can never match: it is always read as {plain!r}"
                    )
