"""Filters of the templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from patchline.database.schema import now
from patchline.desk.times import Clock


def filters(zone: str) -> Mapping[str, Callable[..., Any]]:
    """By name, for a clinic's timezone."""
    clock = Clock(zone)

    def moment(at: datetime) -> Markup:
        """By the clinic's clock, and exactly when one points at it."""
        machine, exact = f"{at.isoformat(timespec='seconds')}Z", clock.full(at)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, clock.short(at, now()))

    return {"moment": moment, "exact": clock.full}
