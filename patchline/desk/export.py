"""Tickets as a table for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime

from patchline.cells import defused
from patchline.desk import labels
from patchline.desk.times import Clock
from patchline.escalation.case import Case

COLUMNS: tuple[tuple[str, Callable[[Case], str | datetime | bool | float | None]], ...] = (
    ("Reference", lambda case: case.reference),
    ("Kind", lambda case: labels.KINDS[case.kind]),
    ("Tier", lambda case: labels.TIERS[case.tier] if case.tier else ""),
    ("State", lambda case: labels.STATES[case.state]),
    ("Opened", lambda case: case.opened_at),
    ("Acknowledged", lambda case: case.acknowledged_at),
    (
        "Minutes until acknowledged",
        lambda case: case.waited_s(case.acknowledged_at) / 60 if case.acknowledged_at else "",
    ),
    ("Acknowledged by", lambda case: case.acknowledged_by),
    ("Who has it", lambda case: case.assigned_to),
    ("Resolved", lambda case: case.resolved_at),
    ("Everybody called in vain", lambda case: case.exhausted_at),
    ("Categories", lambda case: "; ".join(labels.categories(case))),
    ("Patient's words", lambda case: " … ".join(case.triggers)),
    ("Written by a relative", lambda case: case.relative),
    ("Found late", lambda case: case.late),
    ("Language", lambda case: labels.LANGUAGES.get(case.language, case.language)),
    ("Name", lambda case: case.name),
    ("Telephone", lambda case: case.phone),
    ("Best time", lambda case: case.best_time),
    ("Details", lambda case: case.details),
)


def table(cases: Sequence[Case], clock: Clock) -> str:
    """The tickets as CSV (RFC 4180) with one line of headings. Times are the clinic's."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading for heading, _ in COLUMNS)
    for case in cases:
        writer.writerow(defused(_cell(cell(case), clock)) for _, cell in COLUMNS)
    return out.getvalue()


def _cell(value: str | datetime | bool | float | None, clock: Clock) -> str:
    if isinstance(value, datetime):
        return clock.full(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.1f}" if isinstance(value, float) else value or ""
