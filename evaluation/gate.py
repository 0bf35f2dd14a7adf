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

from patchline import settings
from patchline.training import model
from patchline.trial import gate
from patchline.trial.gate import (
    HARMLESS,
    KNOWN,
    MESSAGES,
    Case,
    Judgement,
    Result,
    failures,
    groups,
    read_cases,
    read_known,
)
from patchline.trial.pipeline import Pipeline
from patchline.trial.shares import wilson

UNSEEN = MESSAGES.with_name("unseen_signs.yml")


def main() -> int:
    chosen = settings.from_environment()
    archive = model.current(chosen)
    pipeline, known = Pipeline(archive, settings.ROOT, chosen.content), read_known(KNOWN)
    cases, unseen = read_cases(MESSAGES), read_cases(UNSEEN)
    print(f"asking {archive.name} about {len(cases) + len(unseen)} messages", flush=True)
    results = judge(cases, pipeline.judge)
    print(table(results), *listing(results, known), sep="\n")
    others = judge(unseen, pipeline.judge)
    print("\nMessages that nothing was mended by:", table(others), sep="\n")
    print(f"{sum(not item.right for item in others)} wrong; they are not shown, so that nobody mends by them")
    print(speed([case.text for case in cases], pipeline.detect))
    found = failures(results, known)
    print(*(f"FAILED: {failure}" for failure in found), sep="\n")
    print("The gate is closed." if found else "The gate is open.")
    return 1 if found else 0


def judge(cases: Sequence[Case], ask: Callable[[str], Judgement]) -> list[Result]:
    """Ask about every case; says every few seconds how far it is."""
    last = time.monotonic()

    def say(done: int) -> None:
        nonlocal last
        if time.monotonic() - last > 3:
            last = time.monotonic()
            print(f"  {done} of {len(cases)}", flush=True)

    return gate.judge(cases, ask, say)


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


if __name__ == "__main__":
    sys.exit(main())
