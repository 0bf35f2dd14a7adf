"""What every program of Patchline does first."""

from __future__ import annotations

import os
import resource


def keep_private() -> None:
    """Files that are made from here on are for this account alone, and a crash writes no memory to the disk."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
