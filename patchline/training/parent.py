"""Ties a process to its parent: when the parent is gone, however it went, the child is told to stop."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def stop_with_parent() -> None:
    """Ask Linux to send this process SIGTERM when its parent ends. Does nothing on other systems.

    The request survives `execve`, so it holds for the program that is started next.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def main(arguments: list[str]) -> None:
    """`python -m patchline.training.parent COMMAND …`: become COMMAND, tied to the supervisor that started it.

    The supervisor leads its session, so a parent of another number means that it ended before the request was made.
    """
    stop_with_parent()
    if os.getppid() != os.getsid(0):
        sys.exit(0)
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
