"""The benchmark's figures as Markdown. Pure: the same figures give the same text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evaluation.table import table

SYSTEMS = {"patchline": "Patchline, whole contract", "default": "Rasa's default project, REST channel"}
Figures = Mapping[str, Any]  # of one system, see `measure.figures`


def render(bench: Mapping[str, Any]) -> str:
    """All tables from what `python -m evaluation.bench` stored."""
    ours, theirs = (bench["systems"][name] for name in SYSTEMS)
    parts = [
        main_table([ours, theirs]),
        "### Aims\n\n" + aims_table(ours, theirs),
        "### Memory by process, MB\n\n" + memory_lines(bench["systems"]),
        "### How it was run\n\n" + conditions(bench),
    ]
    return "\n\n".join(parts) + "\n"


def main_table(systems: Sequence[Figures]) -> str:
    """A row a figure, a column a system."""
    rows = []
    for patients in systems[0]["loads"]:
        loads = [system["loads"][patients] for system in systems]
        who = f"{patients} patient{'s' if patients != '1' else ''} at once"
        rows.append([f"{who}: p50 / p95 / p99 ms", *[_latency(load) for load in loads]])
        rows.append([f"{who}: messages/s", *[f"{load['per_second']:.1f}" for load in loads]])
        rows.append([f"{who}: answered, errors, fallbacks", *[_counts(load) for load in loads]])
        rows.append([f"{who}: processor ms a message", *[f"{load['cpu_ms']:.0f}" for load in loads]])
    rows.append(["start to first answer, s", *[f"{system['start_s']:.1f}" for system in systems]])
    rows.append(["memory of all processes after the load, MB", *[f"{system['memory_mb']:.0f}" for system in systems]])
    rows.append(["training, s", *[_training(system) for system in systems]])
    return table(["", *SYSTEMS.values()], rows)


def aims_table(ours: Figures, theirs: Figures) -> str:
    """Each aim, how far we are, and whether it is met."""
    rows = [_aim("p95 of one patient ≤ 1/3", ours, theirs, lambda s: s["loads"]["1"]["p95_ms"], at_most=1 / 3)]
    for patients in [name for name in ours["loads"] if name != "1"]:
        name = f"messages/s of {patients} patients ≥ 4 times"
        rows.append(_aim(name, ours, theirs, lambda s, p=patients: s["loads"][p]["per_second"], at_least=4))
    rows += [
        _aim("start to first answer ≤ 1/2", ours, theirs, lambda s: s["start_s"], at_most=1 / 2),
        _aim("training ≤ 1/5", ours, theirs, lambda s: s["training_s"], at_most=1 / 5),
        _aim("memory of everything ≤ the default's Rasa alone", ours, theirs, lambda s: s["memory_mb"], at_most=1),
    ]
    return table(["aim, against the default", "ours / theirs", "met"], rows)


def _aim(
    name: str,
    ours: Figures,
    theirs: Figures,
    figure: Callable[[Figures], float],
    at_most: float | None = None,
    at_least: float | None = None,
) -> list[str]:
    ratio = figure(ours) / figure(theirs) if figure(theirs) else float("inf")
    met = ratio <= at_most if at_most is not None else ratio >= at_least
    return [name, f"{ratio:.2f}", "yes" if met else "**no**"]


def memory_lines(systems: Mapping[str, Figures]) -> str:
    return "\n".join(
        f"- {title}: " + ", ".join(f"{name} {mb:.0f}" for name, mb in systems[key]["memory_by_process"].items())
        for key, title in SYSTEMS.items()
    )


def conditions(bench: Mapping[str, Any]) -> str:
    """Machine, versions, load, and everything that makes this run weaker than the full one."""
    lines = [
        f"- {bench['machine']}; {bench['versions']}; {bench['measured']}",
        f"- {bench['rounds']} round{'s' if bench['rounds'] != 1 else ''}, the systems in turns and never at once; "
        f"load average when each began to answer: {', '.join(f'{load:.1f}' for load in bench['load_averages'])}",
        f"- {bench['questions']} questions in scope from the development set, {bench['turns']} messages a "
        "conversation, closed loop: a patient asks when the answer has come; the first "
        f"{bench['warm_up']} messages are not counted",
        f"- trained on the same {bench['examples']:,} examples, {bench['rules']} rules and {bench['stories']} stories",
    ]
    if bench["epochs"] != bench["full_epochs"]:
        lines.append(
            f"- **Not a full run**: the default project was trained for {bench['epochs']} epochs instead of "
            f"{bench['full_epochs']}; its training time is too low and its answers are worse"
        )
    return "\n".join(lines)


def _latency(load: Mapping[str, Any]) -> str:
    return f"{load['p50_ms']:.0f} / {load['p95_ms']:.0f} / {load['p99_ms']:.0f}"


def _counts(load: Mapping[str, Any]) -> str:
    kinds = ", ".join(f"{kind} {count}" for kind, count in load["errors"].items())
    return f"{load['answered']}, {sum(load['errors'].values())}{f' ({kinds})' if kinds else ''}, {load['fallbacks']}"


def _training(system: Figures) -> str:
    epochs = f" ({system['epochs']} epochs)" if system["epochs"] else ""
    return f"{system['training_s']:.0f}{epochs}"
