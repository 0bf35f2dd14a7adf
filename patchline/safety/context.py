"""What the words around a warning sign make of it, by medSpaCy's ConText with our own rules for patients' language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from .matching import Hit
from .medspacy_parts import ConText, ConTextRule
from .model import Status
from .rules import ContextRule

_DIRECTION = {"forward": "FORWARD", "backward": "BACKWARD", "both": "BIDIRECTIONAL", "message": "BIDIRECTIONAL"}
# The first kind that applies decides; only negation silences, so it must be nearest and is asked first.
_LOWERING: tuple[Status, ...] = ("negated", "before_patch", "hypothetical", "history", "other_person")
_JOINING = frozenset({"or", "nor", "ni", "o", "and", "y", "any", "of", "a", "no"})
_OR = frozenset({"or", "nor", "ni", "o"})


@dataclass(frozen=True)
class Standing:
    """Whether a hit is there now, and if not, by which rule."""

    status: Status = "present"
    rule: str | None = None


class Context:
    """Applies the context rules to hits. `labels` gives each owner its category (or signal id)."""

    def __init__(self, nlp: Language, rules: Iterable[ContextRule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._context = ConText(nlp, rules=None, span_attrs=None, input_span_type="group", span_group_name="signs")
        for rule in self._rules.values():
            self._context.add(_context_rules(rule))

    def judge(self, doc: Doc, hits: list[Hit], label: Callable[[str], str]) -> dict[Hit, Standing]:
        """The standing of every hit."""
        doc.spans["signs"] = [Span(doc, hit.start, hit.end, label=label(hit.owner)) for hit in hits]
        self._context(doc)
        graph = doc._.context_graph
        found: dict[tuple[int, int, str], list[ContextRule]] = {}
        for target, modifier in graph.edges:
            rule = self._rules[modifier.rule.metadata["id"]]
            found.setdefault((target.start, target.end, target.label_), []).append(rule)
        everywhere = [self._rules[m.rule.metadata["id"]] for m in graph.modifiers if m.rule.metadata["message"]]
        return {
            hit: _standing(
                found.get((hit.start, hit.end, label(hit.owner)), [])
                + [rule for rule in everywhere if rule.concerns(label(hit.owner))]
            )
            for hit in hits
        }


def _standing(rules: list[ContextRule]) -> Standing:
    """The strongest rule. "still", "now", "since Tuesday" next to a sign make it present, whatever its history."""
    by_status = {_STATUS[rule.kind]: rule.id for rule in reversed(rules)}
    for status in _LOWERING:
        if status in by_status and not (status in ("history", "other_person") and "present" in by_status):
            return Standing(status, by_status[status])
    return Standing()


_OF_THAT_NAME: tuple[Status, ...] = ("hypothetical", "history", "other_person", "before_patch", "present")
_STATUS: dict[str, Status] = {"negation": "negated", **{status: status for status in _OF_THAT_NAME}}


def _context_rules(rule: ContextRule) -> list[ConTextRule]:
    direction = {"stop": "TERMINATE", "stop_denial": "PSEUDO", "look_alike": "PSEUDO"}.get(
        rule.kind, _DIRECTION[rule.direction]
    )
    return [
        ConTextRule(
            literal=rule.id,
            category=rule.kind,
            pattern=alternative.token_pattern(),
            direction=direction,
            allowed_types=set(rule.only) or None,
            excluded_types=set(rule.never) or None,
            on_modifies=_reaches(rule),
            terminated_by=set() if rule.kind == "hypothetical" else {"stop_denial"},
            metadata={"id": rule.id, "message": rule.direction == "message"},
        )
        for phrase in rule.phrases
        for alternative in phrase.alternatives
    ]


def _reaches(rule: ContextRule) -> Callable[[Span, Span, Span], bool]:
    """Whether a rule's words reach a sign: near enough, and no comma between unless the comma makes a list."""

    def reaches(target: Span, modifier: Span, _between: Span) -> bool:
        if modifier.start < target.end and target.start < modifier.end:
            return False  # "no feeling": a part of the sign; ConText sees only overlaps that reach past its end
        doc = target.doc
        between = [t.text for t in doc[min(target.end, modifier.end) : max(target.start, modifier.start)]]
        if len(between) - between.count(",") > rule.within:
            return False
        if rule.commas or "," not in between:
            return True
        return rule.kind == "negation" and modifier.end <= target.start and _is_list(doc, between, target)

    return reaches


def _is_list(doc: Doc, between: list[str], target: Span) -> bool:
    """ "no fever, chills or numbness": short items, and an "or" before or after this sign; commas alone do not do."""
    following = [t.text for t in doc[target.end : target.end + 6]]
    items = " ".join(between).split(",")
    return all(len([w for w in item.split() if w not in _JOINING]) <= 2 for item in items) and bool(
        _OR & {between[-1], *between} or (_OR & set(following) and _ends_late(following))
    )


def _ends_late(following: list[str]) -> bool:
    end = next((i for i, word in enumerate(following) if word in (".", "?", ";", "but")), len(following))
    return bool(_OR & set(following[:end]))
