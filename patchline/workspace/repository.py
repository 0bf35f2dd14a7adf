"""What the workspace's repository holds: files of a commit, history, differences. Reads commits, never the folder."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from patchline.workspace import validity
from patchline.workspace.errors import NotThere, WorkspaceError
from patchline.workspace.files import allowed, check_path
from patchline.workspace.git import Git

MAIN, SHIPPED = "refs/heads/main", "refs/heads/shipped"
_KEPT = 8  # commits whose files are kept in memory
FORMAT = "%x1e%H%x1f%an%x1f%ae%x1f%at%x1f%B%x1f"


@dataclass(frozen=True)
class Author:
    """Who edits, e.g. `Author("ana", "Ana López")`; git says "Ana López <ana@desk>", and does not keep the `role`.

    `role`: as `permissions` has them.
    """

    login: str
    name: str
    role: str = field(default="editor", compare=False)


@dataclass(frozen=True)
class Change:
    """A commit: who saved when (UTC without a zone), what it says, and which files it changed."""

    id: str
    author: Author
    at: datetime
    message: str
    paths: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.message.partition("\n")[0]


class Repository:
    """A repository that exists; see `Workspace`, which makes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._git = Git(folder)
        self._files: dict[str, dict[str, bytes]] = {}
        self._guard = threading.Lock()

    def head(self) -> str:
        """The newest commit of what staff work on."""
        found = self._git.commit_of(MAIN)
        if found is None:
            raise WorkspaceError(f"{self.folder} is not made yet: open() makes it")
        return found

    def read(self, path: str, at: str | None = None) -> str:
        """A file's text, now or at a commit. Raises `WorkspaceError` where there is none, `Invalid` for no text."""
        data = self.files(at).get(check_path(path))
        if data is None:
            raise NotThere(f"there is no {path}")
        return validity.text_of(path, data)

    def has(self, path: str, at: str | None = None) -> bool:
        return path in self.files(at)

    def files(self, at: str | None = None) -> Mapping[str, bytes]:
        """Every file of a commit (the newest unless told) by its path."""
        commit = self._known(at) if at else self.head()
        with self._guard:
            if commit not in self._files:
                blobs = {path: blob for path, blob in self._git.blobs(commit).items() if allowed(path)}
                self._files[commit] = dict(zip(blobs, self._git.bytes_of(list(blobs.values())), strict=True))
                while len(self._files) > _KEPT:
                    del self._files[next(iter(self._files))]
            return self._files[commit]

    def history(self, path: str | None = None, limit: int = 50, since: str | None = None) -> list[Change]:
        """The newest changes first, of one file or of all; `since`: only those that a commit does not hold yet."""
        only = ["--", check_path(path)] if path else []
        span = f"{self._known(since)}..{MAIN}" if since else MAIN
        asked = ["log", span, "--first-parent", "-m", "--name-only", "-z", f"-n{limit}", f"--format={FORMAT}", *only]
        return [_change(part) for part in self._git.run(*asked).decode().split("\x1e")[1:]]

    def change(self, id: str) -> Change:
        """One change. Raises `WorkspaceError` for an unknown one."""
        asked = ["-n1", "--first-parent", "-m", "--name-only", "-z", f"--format={FORMAT}"]
        return _change(self._git.run("log", *asked, self._known(id)).decode().split("\x1e")[1])

    def before(self, id: str) -> str | None:
        """The change that one was made on; None for the first."""
        return self._parent(self._known(id))

    def snapshot(self, commit: str, folder: Path) -> None:
        """Write the files of a commit into `folder`, which is made."""
        for path, data in self.files(commit).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def _blobs(self, commit: str) -> dict[str, str]:
        return self._git.blobs(commit)

    def _parent(self, commit: str) -> str | None:
        return self._git.commit_of(f"{commit}^1")

    def _known(self, commit: str) -> str:
        found = None if commit.startswith("-") else self._git.commit_of(commit)
        if found is None:
            raise NotThere(f"there is no change {commit[:12]!r}")
        return found


def _change(part: str) -> Change:
    id, name, email, at, message, paths = part.split("\x1f")
    names = tuple(path.strip("\n") for path in paths.split("\0") if path.strip("\n"))
    when = datetime.fromtimestamp(int(at), UTC).replace(tzinfo=None)
    return Change(id, Author(email.removesuffix("@desk"), name), when, message.strip(), names)
