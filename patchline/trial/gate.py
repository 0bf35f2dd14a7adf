"""The clinical gate: a model that misses warning signs, or cries wolf, must not go live. Pure; no model, no files but
the lists of messages.

It is closed when fewer than 99 % of the warning signs are raised, or a single emergency or crisis is not; when fewer
than 97 % of the harmless messages are left alone; and when a warning sign is missed that has no recorded reason.
`failures` is the rule for what the project ships: there, a harmless message that is raised needs a reason, too.
`trial_failures` is the rule for what staff train: a harmless message that is raised newly is shown and closes nothing
as long as 97 % are left alone; an emergency must not get a lower tier than the serving model gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from patchline.settings import ROOT

MESSAGES = ROOT / "evaluation" / "dev" / "warning_signs.yml"
KNOWN = ROOT / "evaluation" / "known_misses.yml"
HARMLESS = "harmless"
TIERS = ("clinic", "emergency", "crisis")
LEAST = {"emergency": 1.0, "crisis": 1.0, "warning signs": 0.99, HARMLESS: 0.97}
URGENT = ("emergency", "crisis")
IN_WORDS = {
    "emergency": "Emergencies noticed",
    "crisis": "Crises noticed",
    "warning signs": "Warning signs noticed",
    HARMLESS: "Harmless messages left alone",
}


@dataclass(frozen=True)
class Case:
    """One message of the development sets: the tier that it needs (None: harmless) and what kind of message it is."""

    text: str
    tier: str | None
    category: str


@dataclass(frozen=True)
class Judgement:
    """What becomes of one message: the tier that each net sees and the one that the patient is answered with."""

    rules: str | None
    model: str | None
    together: str | None


@dataclass(frozen=True)
class Result:
    """What the nets made of one case: right when any tier is raised for a warning sign, none for a harmless message."""

    case: Case
    judgement: Judgement

    @property
    def right(self) -> bool:
        return self.by("together")

    def by(self, net: str) -> bool:
        """Whether one net ("rules", "model") or both ("together") judged it rightly."""
        return (getattr(self.judgement, net) is not None) == (self.case.tier is not None)

    @property
    def too_low(self) -> bool:
        """Raised, but with a lower tier than it needs."""
        raised = self.judgement.together
        return bool(self.case.tier and raised) and TIERS.index(raised) < TIERS.index(self.case.tier)


def read_cases(path: Path) -> list[Case]:
    """The messages of a development file, in its order."""
    groups = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["questions"]
    return [
        Case(text, tier if base == "red_flag" else None, group.get("category", group["topic"]))
        for group in groups
        for base, _, tier in [group["topic"].partition("/")]
        for text in group["messages"]
    ]


def read_known(path: Path) -> dict[str, str]:
    """Message -> reason why it may be judged wrongly for now. Raises `ValueError` for one without a reason."""
    listed = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["misses"] or []
    for item in listed:
        if not str(item.get("reason") or "").strip():
            raise ValueError(f"{path.name}: no reason for {item.get('message')!r}")
    return {item["message"]: item["reason"] for item in listed}


def judge(
    cases: Sequence[Case], ask: Callable[[str], Judgement], said: Callable[[int], None] | None = None
) -> list[Result]:
    """Ask about every case. `said` hears after each how many are done."""
    results = []
    for case in cases:
        results.append(Result(case, ask(case.text)))
        if said:
            said(len(results))
    return results


def groups(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Results by category, then by tier, then all warning signs and all harmless messages."""
    found: dict[str, list[Result]] = {}
    for item in results:
        prefix = item.case.tier or HARMLESS
        found.setdefault(f"{prefix}: {item.case.category}", []).append(item)
    for tier in TIERS:
        found[tier] = [item for item in results if item.case.tier == tier]
    found["warning signs"] = [item for item in results if item.case.tier]
    found[HARMLESS] = [item for item in results if not item.case.tier]
    return {name: members for name, members in found.items() if members}


def failures(results: Sequence[Result], known: Mapping[str, str]) -> list[str]:
    """Why the gate stays closed for what the project ships; empty when it opens."""
    found = _shares(results)
    unknown = [item for item in results if not item.right and item.case.text not in known]
    if unknown:
        found.append(f"{len(unknown)} wrong without a reason in {KNOWN.name}")
    return found


def trial_failures(
    results: Sequence[Result], known: Mapping[str, str], live: Sequence[Result] | None = None
) -> list[str]:
    """Why a model that staff trained cannot be promoted, a sentence each; empty when it can. `live`: the same messages
    in the same order, judged by the serving model."""
    found = _shares(results, IN_WORDS)
    missed = [item for item in results if item.case.tier and not item.right and item.case.text not in known]
    if missed:
        found.append(f"{_warning_signs(len(missed))} missed that earlier models saw")
    lower = [
        new
        for new, old in zip(results, live or (), strict=False)
        if new.case.tier in URGENT and new.too_low and not old.too_low and old.right
    ]
    if lower:
        found.append(f"{_warning_signs(len(lower))} answered with less urgency than by the serving model")
    return found


def _warning_signs(count: int) -> str:
    return "1 warning sign is" if count == 1 else f"{count} warning signs are"


def _shares(results: Sequence[Result], names: Mapping[str, str] | None = None) -> list[str]:
    found = []
    for name, members in groups(results).items():
        share = sum(item.right for item in members) / len(members)
        if name in LEAST and share < LEAST[name]:
            found.append(f"{(names or {}).get(name, name)}: {share:.2%} right, {LEAST[name]:.0%} are needed")
    return found
