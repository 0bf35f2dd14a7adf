"""Results as Markdown tables. Pure: the same results and published figures give the same text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluation.peers import NAMES
from evaluation.results import Result
from evaluation.sets import DEV, DEV_SMALL, SMALL, STRATA, TITLES

NONE = "–"  # not measured, or not defined for the set
FULL_EPOCHS = 100


def render(results: Iterable[Result], published: Sequence[Mapping[str, str]]) -> str:
    """All tables but those by stratum, from the results by (set, peer) and the rows of published.yml."""
    found = {(result.set, result.peer): result for result in results if result.set != STRATA}
    public = [name for name in TITLES if name not in (DEV, DEV_SMALL, STRATA)]
    parts = [
        "## Development set\n\n" + dev_counts(found, DEV),
        dev_table(found, DEV),
        "### The five most frequent mistakes (right topic → answered, messages)\n\n" + dev_mistakes(found),
        f"## The same questions after training on {SMALL} examples a topic\n\n" + dev_counts(found, DEV_SMALL),
        dev_table(found, DEV_SMALL),
        "## Public sets: accuracy (95 % interval) / AUROC of in or out of scope, %",
        set_table(found, public, _accuracy_and_auroc),
        "Published, or measured before and not by this command (accuracy / AUROC, %):",
        published_table(published, public),
        "### Out-of-scope recall at 5 % / at 10 % false rejection, %\n\n" + set_table(found, public, _recalls),
        "### Macro-F1 over the topics, %\n\n" + set_table(found, public, lambda r: percent(r.scores["macro_f1"])),
        "### Cost: p50 / p95 ms a message · MB · training s\n\n" + set_table(found, public, _cost),
        "### The product's most frequent mistakes on the public sets\n\n" + mistakes_by_set(found, public),
        "### What was measured\n\n" + provenance(found),
    ]
    return "\n\n".join(parts) + "\n"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; `NONE` for None.

    >>> percent(0.9714)
    '97.1'
    """
    return NONE if share is None else f"{share * 100:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def dev_counts(found: Mapping[tuple[str, str], Result], chosen: str) -> str:
    """How many questions and training examples the development set's figures rest on."""
    counts = {
        (result.scores["in_scope"], result.scores["out_of_scope"], result.examples)
        for (name, _), result in found.items()
        if name == chosen
    }
    lines = [
        f"{inside} questions in scope and {outside} out of scope, after training on {examples:,} examples."
        for inside, outside, examples in sorted(counts)
    ]
    new = {result.scores.get("new_in_scope") for (name, _), result in found.items() if name == chosen} - {None}
    lines += [f"Without near twins: {count} in scope, less than 80 % alike to any example." for count in sorted(new)]
    return "\n".join(lines) or "Not measured yet."


def dev_table(found: Mapping[tuple[str, str], Result], chosen: str) -> str:
    head = [
        "peer",
        "right topic % (95 %)",
        "without near twins %",
        "macro-F1 %",
        "AUROC %",
        "out-of-scope recall % at 5 % / 10 % false rejection",
    ]
    head += ["by its label alone: recall / false rejection %", "p50 / p95 ms", "MB", "training s"]
    return table(head, ([_name(peer, found, [chosen]), *_dev_row(found.get((chosen, peer)))] for peer in NAMES))


def _dev_row(result: Result | None) -> list[str]:
    if result is None:
        return [NONE] * 9
    figures = result.scores
    by_label = f"{percent(figures['label_recall'])} / {percent(figures['label_false_rejection'])}"
    return [
        _accuracy(result),
        percent(figures.get("new_accuracy")),
        percent(figures["macro_f1"]),
        percent(figures["auroc"]),
        _recalls(result),
        by_label,
        f"{result.p50_ms:.1f} / {result.p95_ms:.1f}",
        f"{result.memory_mb:.0f}",
        f"{result.training_s:.1f}",
    ]


def dev_mistakes(found: Mapping[tuple[str, str], Result]) -> str:
    rows = [(f"**{peer}**", found[DEV, peer]) for peer in NAMES if (DEV, peer) in found]
    return "\n".join(f"- {name}: {_mistakes(result)}" for name, result in rows) or NONE


def mistakes_by_set(found: Mapping[tuple[str, str], Result], names: Sequence[str]) -> str:
    rows = [(TITLES[name], found[name, NAMES[0]]) for name in names if (name, NAMES[0]) in found]
    return "\n".join(f"- {title}: {_mistakes(result)}" for title, result in rows) or NONE


def set_table(found: Mapping[tuple[str, str], Result], names: Sequence[str], cell: Callable[[Result], str]) -> str:
    """Peers down, sets across."""
    rows = (
        [_name(peer, found, names), *[cell(found[name, peer]) if (name, peer) in found else NONE for name in names]]
        for peer in NAMES
    )
    return table(["peer", *[TITLES[name] for name in names]], rows)


def published_table(published: Sequence[Mapping[str, str]], names: Sequence[str]) -> str:
    head = ["system", "source", *[TITLES[name] for name in names]]
    return table(head, ([row["name"], row["source"], *[row.get(name, NONE) for name in names]] for row in published))


def provenance(found: Mapping[tuple[str, str], Result]) -> str:
    """Machines, versions, days, and what is not measured yet."""
    results = list(found.values())
    lines = [f"- Machine: {machine}; one thread a peer" for machine in sorted({result.machine for result in results})]
    for peer in NAMES:
        versions = sorted({result.version for result in results if result.peer == peer})
        days = sorted({result.measured for result in results if result.peer == peer})
        if days:
            lines.append(f"- {peer}: {'; '.join(versions)}; measured {' to '.join(sorted({days[0], days[-1]}))}")
    for peer in NAMES:
        if missing := [TITLES[name] for name in TITLES if name != STRATA and (name, peer) not in found]:
            lines.append(f"- Not measured yet: {peer} on {', '.join(missing)}")
    return "\n".join(lines)


def _name(peer: str, found: Mapping[tuple[str, str], Result], names: Sequence[str]) -> str:
    """The peer's name; fewer epochs than its default are said beside it."""
    fewer = sorted({found[name, peer].epochs for name in names if (name, peer) in found} - {FULL_EPOCHS})
    return f"{peer} (only {', '.join(map(str, fewer))} epochs somewhere)" if fewer and peer == "diet" else peer


def _accuracy(result: Result) -> str:
    low, high = result.scores["accuracy_interval"]
    return f"{percent(result.scores['accuracy'])} ({percent(low)}–{percent(high)})"


def _accuracy_and_auroc(result: Result) -> str:
    return f"{_accuracy(result)} / {percent(result.scores['auroc'])}"


def _recalls(result: Result) -> str:
    return f"{percent(result.scores['recall_at_5'])} / {percent(result.scores['recall_at_10'])}"


def _cost(result: Result) -> str:
    return f"{result.p50_ms:.1f} / {result.p95_ms:.1f} · {result.memory_mb:.0f} · {result.training_s:.1f}"


def _mistakes(result: Result) -> str:
    return "; ".join(f"`{right}` → `{given}` {count}" for right, given, count in result.scores["worst_pairs"]) or "none"
