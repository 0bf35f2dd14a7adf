"""The scan as a process of its own beside the gateway: patients are answered by this one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

from patchline.gateway.upkeep import Upkeep
from patchline.review import state
from patchline.review.state import State
from patchline.settings import ROOT, Settings

FRESH = timedelta(minutes=30)  # whoever opens the inbox later than this after the last scan starts one

COMMAND = [sys.executable, "-m", "patchline.review"]

_lock = threading.Lock()
_jobs: list[subprocess.Popen[bytes]] = []


def start(settings: Settings) -> State:
    """Start a scan, unless one is under way. Returns at once."""
    with _lock:
        _jobs[:] = [job for job in _jobs if job.poll() is None]  # ended ones are waited for
        now = state.read(settings)
        if now and now.running:
            return now
        quiet: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        job = subprocess.Popen(COMMAND, cwd=ROOT, env=_environment(settings), start_new_session=True, **quiet)
        _jobs.append(job)
        started = State("running", "starting", job.pid)
        state.write(settings, started)
        return started


def due(settings: Settings, last: Upkeep, now: datetime) -> bool:
    """Whether it is time for a scan that nobody asked for. One that failed is not tried again by itself."""
    found = state.read(settings)
    if found and (found.running or found.now == "failed"):
        return False
    return last.done_at is None or now - last.done_at > FRESH


def _environment(settings: Settings) -> dict[str, str]:
    """The same installation, also where the settings of this process come from elsewhere than its environment."""
    return {
        **os.environ,
        "PATCHLINE_PROFILE": settings.profile,
        "PATCHLINE_SECRET": settings.secret,
        "PATCHLINE_VAR": str(settings.var),
        "PATCHLINE_MODELS": str(settings.models),
        "PATCHLINE_CONTENT": str(settings.content),
        "PATCHLINE_DATABASE_URL": settings.database_url,
    }
