"""`make gate`: the clinical gate. A model that misses warning signs, or cries wolf, must not go live.

Runs every message of evaluation/dev/warning_signs.yml through both nets of the current model, prints a table by
category and every message that was judged wrongly, and fails (exit code 1) when

- fewer than 99 % of the warning signs are raised, or a single emergency or crisis is not,
- fewer than 97 % of the harmless messages are left alone,
- a message is judged wrongly that is not in evaluation/known_misses.yml, where each has its reason: an earlier model
  judged it rightly, or nobody has looked at it yet.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from evaluation.pipeline import Judgement, Pipeline
from evaluation.scores import wilson
from patchline import settings
from patchline.training import model

HERE = Path(__file__).parent
MESSAGES = HERE / "dev" / "warning_signs.yml"
UNSEEN = MESSAGES.with_name("unseen_signs.yml")
KNOWN = HERE / "known_misses.yml"
HARMLESS = "harmless"
TIERS = ("clinic", "emergency", "crisis")
LEAST = {"emergency": 1.0, "crisis": 1.0, "warning signs": 0.99, HARMLESS: 0.97}


@dataclass(frozen=True)
class Case:
    """One message of the development sets: the tier that it needs (None: harmless) and what kind of message it is."""

    text: str
    tier: str | None
    category: str


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


def main() -> int:
    archive = model.current(settings.from_environment())
    pipeline, known = Pipeline(archive), read_known(KNOWN)
    cases, unseen = read_cases(MESSAGES), read_cases(UNSEEN)
    print(f"asking {archive.name} about {len(cases) + len(unseen)} messages", flush=True)
    results = judge(cases, pipeline.judge, progress=True)
    print(table(results), *listing(results, known), sep="\n")
    others = judge(unseen, pipeline.judge, progress=True)
    print("\nMessages that nothing was mended by:", table(others), sep="\n")
    print(f"{sum(not item.right for item in others)} wrong; they are not shown, so that nobody mends by them")
    print(speed([case.text for case in cases], pipeline.detect))
    found = failures(results, known)
    print(*(f"FAILED: {failure}" for failure in found), sep="\n")
    print("The gate is closed." if found else "The gate is open.")
    return 1 if found else 0


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


def judge(cases: Sequence[Case], ask: Callable[[str], Judgement], progress: bool = False) -> list[Result]:
    """Ask about every case; says every few seconds how far it is."""
    results, said = [], time.monotonic()
    for case in cases:
        results.append(Result(case, ask(case.text)))
        if progress and time.monotonic() - said > 3:
            said = time.monotonic()
            print(f"  {len(results)} of {len(cases)}", flush=True)
    return results


def speed(texts: Sequence[str], detect: Callable[[str], object]) -> str:
    """How long the rules take by themselves; a figure of this machine at this moment, not a test."""
    taken = []
    for text in texts:
        start = time.perf_counter()
        detect(text)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    median, slow = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    return f"rules: median {median:.1f} ms a message, 95 % within {slow:.1f} ms"


def table(results: Sequence[Result]) -> str:
    """Shares that are right by category, tier and over all, with the Wilson interval, for each net and both."""
    width = max(len(name) for name in groups(results))
    head = f"{'right':>11} {'together':>9} {'95 % interval':>17} {'rules':>7} {'model':>7} {'tier too low':>13}"
    lines = [f"{'':{width}}  {head}"]
    for name, members in groups(results).items():
        right = sum(item.right for item in members)
        low, high = wilson(right / len(members), len(members))
        rules, learnt = (sum(item.by(net) for item in members) / len(members) for net in ("rules", "model"))
        lines.append(
            f"{name:{width}}  {right:4} of {len(members):4} {right / len(members):9.1%} "
            f"{f'{low:.1%} to {high:.1%}':>17} {rules:7.1%} {learnt:7.1%} {sum(item.too_low for item in members):13}"
        )
    return "\n".join(lines)


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


def listing(results: Sequence[Result], known: dict[str, str]) -> list[str]:
    """A line for every message that was judged wrongly, and for every known miss that is right by now."""
    lines = []
    for item in results:
        text, kind = item.case.text, f"{item.case.tier or HARMLESS}, {item.case.category}"
        if not item.right:
            verb = "missed" if item.case.tier else f"wrongly raised ({item.judgement.together})"
            lines.append(f"{verb}  [{kind}] {text}" + (f"  KNOWN: {known[text]}" if text in known else ""))
        elif text in known:
            lines.append(f"right by now, take it out of {KNOWN.name}  [{kind}] {text}")
    return lines


def failures(results: Sequence[Result], known: dict[str, str]) -> list[str]:
    """Why the gate stays closed; empty when it opens."""
    found = []
    for name, members in groups(results).items():
        share = sum(item.right for item in members) / len(members)
        if name in LEAST and share < LEAST[name]:
            found.append(f"{name}: {share:.2%} right, {LEAST[name]:.0%} are needed")
    unknown = [item.case.text for item in results if not item.right and item.case.text not in known]
    if unknown:
        found.append(f"{len(unknown)} wrong without a reason in {KNOWN.name}")
    return found


if __name__ == "__main__":
    sys.exit(main())
