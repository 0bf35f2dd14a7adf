"""Which files are in the workspace, and the installation's own."""

from __future__ import annotations

import re
from pathlib import Path

from patchline.settings import ROOT, Settings
from patchline.workspace.errors import WorkspaceError

STAFF_TESTS = "tests/messages.yml"  # messages that staff saved as tests
SIGNATURES = "content/signatures.yml"
_NAME = r"[\w-][\w.-]*"
_ALLOWED = re.compile(rf"(data/({_NAME}/)*{_NAME}|content/{_NAME}|domain|config|tests/messages)\.yml", re.ASCII)
_PATTERNS = ("data/**/*.yml", "content/*.yml", "domain.yml", "config.yml", STAFF_TESTS)


def check_path(path: str) -> str:
    """`path` itself, if it may stand in the workspace. Raises `WorkspaceError`."""
    if not _ALLOWED.fullmatch(path):
        raise WorkspaceError(f"{path!r} is no file that staff edit")
    return path


def allowed(path: str) -> bool:
    return _ALLOWED.fullmatch(path) is not None


def in_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder that is laid out like the workspace, e.g. of a release, by their paths in it."""
    found = {path.relative_to(folder).as_posix(): path for pattern in _PATTERNS for path in folder.glob(pattern)}
    return {name: path.read_bytes() for name, path in sorted(found.items()) if allowed(name) and path.is_file()}


def installed(settings: Settings) -> dict[str, bytes]:
    """The files that the installation ships; its content may lie elsewhere."""
    files = {name: data for name, data in in_folder(ROOT).items() if not name.startswith("content/")}
    return files | {f"content/{path.name}": path.read_bytes() for path in sorted(settings.content.glob("*.yml"))}
