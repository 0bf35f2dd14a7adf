"""The machine that the figures were measured on, and the environment that makes a process use one thread."""

from __future__ import annotations

import os
import platform
from pathlib import Path

ONE_THREAD = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")},
    "TF_INTRA_OP_PARALLELISM_THREADS": "1",  # read by Rasa
    "TF_INTER_OP_PARALLELISM_THREADS": "1",
}
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def describe() -> str:
    """One line, e.g. ``2 cores (Intel Xeon), 24 GB, Linux x86_64, Python 3.11.7``."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{cores} cores ({processor()}), {memory:.0f} GB, {system}"


def processor() -> str:
    """The processor's name where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"
