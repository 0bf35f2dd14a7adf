"""Makes this process, and all that it starts, step back behind whatever else the machine has to do."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

LOWEST = 19
FIRST_TO_GO = 900  # of 1,000: when memory runs out, the system ends a training before it ends what answers patients


def step_back(proc: Path = Path("/proc/self")) -> None:
    """Ask for processor (with it the disk) and memory last. What a system does not know is left out.

    `SCHED_IDLE` runs when nothing else wants the core. Linux shares cores between sessions first ("autogroup"), and a
    training leads a session of its own, so that one is lowered as well.
    """
    for lower in (
        lambda: os.setpriority(os.PRIO_PROCESS, 0, LOWEST),
        lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)),
        lambda: (proc / "autogroup").write_text(str(LOWEST)),
        lambda: (proc / "oom_score_adj").write_text(str(FIRST_TO_GO)),
    ):
        with contextlib.suppress(OSError, AttributeError):
            lower()
