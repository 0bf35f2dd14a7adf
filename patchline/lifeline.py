"""Ties a process to its parent: when the parent is gone, however it went, the child is told to stop."""

from __future__ import annotations

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def stop_with_parent() -> None:
    """Ask Linux to send this process SIGTERM when its parent ends. Does nothing on other systems.

    The request survives `execve`, so it holds for the program that is started next.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
