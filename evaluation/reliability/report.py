"""The page of counts: from the stored numbers of the latest runs. Pure; no number is written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evaluation.reliability.counting import FAILED, PATIENCE_S
from evaluation.reliability.run import Result
from evaluation.table import table

Run = Mapping[str, Any]  # see `stored`
Row = tuple[str, Callable[[Run], Any]]

LOST: tuple[Row, ...] = (
    ("messages with a warning sign", lambda run: run["flagged"]),
    ("– seen by the rules", lambda run: run["counts"]["spoken"].get("rules", 0)),
    ("– seen by the model alone", lambda run: run["counts"]["spoken"].get("model", 0)),
    ("– said by a button", lambda run: run["counts"]["spoken"].get("button", 0)),
    ("– sent once, and the patient was gone before the reply", lambda run: run["counts"]["once"]),
    ("**with exactly one ticket**", lambda run: run["counts"]["once_each"]),
    ("– of these found after the reply, once Rasa was back", lambda run: run["counts"]["late"]),
    ("never arrived: sent once, to a gateway killed in that moment", lambda run: run["counts"]["never_arrived"]),
    ("**without a ticket**", lambda run: len(run["counts"]["missing"])),
    ("**with two tickets**", lambda run: len(run["counts"]["doubled"])),
    ("harmless messages", lambda run: run["counts"]["spoken"].get("harmless", 0)),
    ("tickets that no message asked for", lambda run: len(run["counts"]["unasked"])),
    ("**tickets that staff's receiver has**, by its own record", lambda run: run["counts"]["delivered"]),
    ("**tickets that never reached it**", lambda run: len(run["counts"]["undelivered"])),
    ("**tickets acknowledged though nobody did**", lambda run: len(run["counts"]["acknowledged"])),
    ("**requests for a delivery while another was under way**", lambda run: run["counts"]["overlaps"]),
    ("requests to the receiver", lambda run: run["counts"]["requests"]),
    ("– alerts that it had already (a repeat beats a loss)", lambda run: run["counts"]["duplicates"]),
    ("– with a wrong signature", lambda run: run["counts"]["unsigned"]),
)
SEEN: tuple[Row, ...] = (
    ("requests", lambda run: sum(run["counts"]["statuses"].values())),
    ("– answered", lambda run: run["counts"]["statuses"].get("200", 0) + run["counts"]["statuses"].get("201", 0)),
    ("– told to try again, with the number (503)", lambda run: run["counts"]["statuses"].get("503", 0)),
    ("– connection failed: the gateway had been killed", lambda run: run["counts"]["statuses"].get(FAILED, 0)),
    ("– connection failed for no such reason", lambda run: run["counts"]["unexplained"]),
    ("longest wait for an answer, s", lambda run: f"{run['counts']['longest_s']:.1f}"),
    (f"answers after more than {PATIENCE_S:.0f} s", lambda run: run["counts"]["too_late"]),
    ("answers without a text", lambda run: run["counts"]["empty"]),
    ("answers to a warning sign without a telephone number", lambda run: run["counts"]["numberless"]),
    ("patients who never got an answer", lambda run: run["counts"]["gave_up"]),
)


def stored(result: Result) -> dict[str, Any]:
    """A run as it is kept."""
    return asdict(result) | {"faults": result.counts.faults, "flagged": result.counts.flagged}


def render(kept: Mapping[str, Run]) -> str:
    """All tables from what `python -m evaluation.reliability` stored: a run by the name of its database."""
    runs = list(kept.values())
    parts = [
        verdict(runs),
        _table(runs, LOST),
        "### What was done to it\n\n" + troubles_table(runs),
        "### What patients saw\n\n" + _table(runs, SEEN),
        "### How it was run\n\n" + conditions(kept),
    ]
    return "\n\n".join(parts) + "\n"


def verdict(runs: Sequence[Run]) -> str:
    """One sentence, or every fault."""
    faults = [f"- {run['database']}: {fault}" for run in runs for fault in run["faults"]]
    return "**Not everything is as it must be:**\n\n" + "\n".join(faults) if faults else "**Nothing was lost.**"


def troubles_table(runs: Sequence[Run]) -> str:
    """Kills by program, outages with their seconds, and what the receiver did."""
    rows: list[Row] = []
    for name in _names(run["killed"] for run in runs):
        rows.append((f"SIGKILL: {name}", lambda run, name=name: run["killed"].get(name, 0)))
    for name in _names(run["away"] for run in runs):
        rows.append((f"away: {name}", lambda run, name=name: _seconds(run["away"].get(name, []))))
    for name in sorted(_names(run["counts"]["answers"] for run in runs)):
        rows.append((f"receiver: {name}", lambda run, name=name: run["counts"]["answers"].get(name, 0)))
    return _table(runs, rows)


def conditions(kept: Mapping[str, Run]) -> str:
    """When, where and with which seeds."""
    return "\n".join(_condition(name, run) for name, run in kept.items())


def _condition(name: str, run: Run) -> str:
    chosen, drained = run["options"], run["drained_s"]
    calm = run["flagged"] - chosen["escalations"]
    end = "never" if drained is None else f"{drained:.0f} s after the last word"
    again = " ".join(f"--{option} {chosen[option]}" for option in ("escalations", "minutes", "seed"))
    return (
        f"- {run['database']}, {run['measured']}, {run['machine']} at a load of {run['load']}; {run['versions']}: "
        f"{chosen['escalations']} signs in trouble and {calm} before it, {run['seconds'] / 60:.0f} minutes, "
        f"everything in its place {end}. Again with the same troubles: "
        f"`python -m evaluation.reliability --database {name} {again}`"
    )


def _table(runs: Sequence[Run], rows: Sequence[Row]) -> str:
    cells = [[name, *(str(of(run)) for run in runs)] for name, of in rows]
    return table(["", *(run["database"] for run in runs)], cells)


def _names(found: Any) -> list[str]:
    return list(dict.fromkeys(name for names in found for name in names))


def _seconds(away: Sequence[float]) -> str:
    """
    >>> _seconds([2.1, 11.9])
    '2 times, 14 s'
    """
    return f"{len(away)} times, {sum(away):.0f} s" if away else "0"
