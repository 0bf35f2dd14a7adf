"""Which files are in the workspace, and the installation's own."""

from __future__ import annotations

import re

from patchline.settings import ROOT, Settings
from patchline.workspace.errors import WorkspaceError

STAFF_TESTS = "tests/messages.yml"  # messages that staff saved as tests
SIGNATURES = "content/signatures.yml"
_NAME = r"[\w-][\w.-]*"
_ALLOWED = re.compile(rf"(data/({_NAME}/)*{_NAME}|content/{_NAME}|domain|config|tests/messages)\.yml", re.ASCII)
_PATTERNS = ("data/**/*.yml", "domain.yml", "config.yml", STAFF_TESTS)


def check_path(path: str) -> str:
    """`path` itself, if it may stand in the workspace. Raises `WorkspaceError`."""
    if not _ALLOWED.fullmatch(path):
        raise WorkspaceError(f"{path!r} is no file that staff edit")
    return path


def allowed(path: str) -> bool:
    return _ALLOWED.fullmatch(path) is not None


def installed(settings: Settings) -> dict[str, bytes]:
    """The files that the installation ships, by their paths in the workspace; its content may lie elsewhere."""
    found = {path.relative_to(ROOT).as_posix(): path for pattern in _PATTERNS for path in ROOT.glob(pattern)}
    found |= {f"content/{path.name}": path for path in settings.content.glob("*.yml")}
    return {name: path.read_bytes() for name, path in sorted(found.items()) if allowed(name) and path.is_file()}
