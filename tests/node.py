"""The widget's development tools, installed with Node from their lock file when a test first asks for them."""

from __future__ import annotations

import fcntl
import functools
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.answers import ROOT

WIDGET = ROOT / "widget"
MISSING = "Node.js is not installed here, so this was NOT checked: {what} (apt-get install nodejs npm)"


def tools(what: str) -> Path:
    """`widget/node_modules`. Skips the test, saying `what` was not checked, where there is no Node."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(MISSING.format(what=what))
    return _installed()


@functools.cache
def _installed() -> Path:
    modules, lock = WIDGET / "node_modules", (WIDGET / "package-lock.json").read_bytes()
    stamp = modules / "installed.json"
    with open(WIDGET / "package-lock.json") as alone:  # tests run in several processes
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != lock:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=WIDGET, check=True)
            stamp.write_bytes(lock)
    return modules


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A program of the tools, e.g. ``run("eslint", ".")``, with what it said."""
    program = str(WIDGET / "node_modules" / ".bin" / command[0])
    return subprocess.run([program, *command[1:]], cwd=WIDGET, capture_output=True, text=True, timeout=300)
