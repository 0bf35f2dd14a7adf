"""The files as they lie in the workspace's folder, where an engineer may edit them by hand.

The ref `WRITTEN` says which commit's files were written into the folder last. So an edit by hand can be told from a
commit that was not written out yet (a process was killed in between), and is merged onto newer commits.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from patchline.workspace.errors import WorkspaceError
from patchline.workspace.files import allowed
from patchline.workspace.git import Git, name_of
from patchline.workspace.merging import changed

WRITTEN = "refs/patchline/written"
UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def check_free(self, git: Git) -> None:
        """Raises `WorkspaceError` while somebody merges in the folder: their commit would undo what is saved now."""
        if self._unfinished():
            raise WorkspaceError(f"somebody merges by git in {self.path}; finish or abort that first")

    def finish(self, git: Git, branch: str) -> None:
        """Write the files of the branch's newest commit into the folder. An edit by hand is merged, and never lost."""
        if not self._ours(git, branch):
            return
        commit = git.line("rev-parse", branch)
        last = git.commit_of(WRITTEN)
        if last == commit:
            return
        before, after = git.blobs(last) if last else {}, git.blobs(commit)
        paths = changed(before, after)
        there = [path for path in paths if path in after]
        wanted = dict(zip(there, git.bytes_of([after[path] for path in there]), strict=True))
        for path in paths:
            self._write(git, path, before.get(path), wanted.get(path))
        git.run("read-tree", commit)
        git.run("update-ref", WRITTEN, commit)

    def edits(self, git: Git, branch: str) -> dict[str, bytes | None]:
        """Files that differ from the branch's newest commit, by path; None for one that was removed."""
        if not self._ours(git, branch):
            return {}
        commit = git.blobs(git.line("rev-parse", branch))
        there = self._there()
        differ = {path: data for path, data in there.items() if commit.get(path) != name_of(data)}
        return differ | {path: None for path in commit if path not in there and allowed(path)}

    def _write(self, git: Git, path: str, before: str | None, wanted: bytes | None) -> None:
        """`before`: git's name of the file as it was written last; `wanted`: its bytes now, None to remove it."""
        file = self.path / path
        there = file.read_bytes() if file.is_file() else None
        if there not in (None, wanted) and name_of(there) != before:  # edited by hand meanwhile
            base = git.bytes_of([before])[0] if before else b""
            wanted, _ = git.merge(there, base, wanted or b"", ("by hand", "before", "saved"))
        if wanted is None:
            with suppress(FileNotFoundError):
                file.unlink()
        elif wanted != there:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = file.with_name(f".{file.name}.part")
            part.write_bytes(wanted)
            os.replace(part, file)

    def _there(self) -> dict[str, bytes]:
        names = [(path.relative_to(self.path).as_posix(), path) for path in self.path.rglob("*.yml")]
        return {name: path.read_bytes() for name, path in names if allowed(name) and path.is_file()}

    def _ours(self, git: Git, branch: str) -> bool:
        """False while the folder belongs to somebody's git: another branch, or a merge that is under way."""
        return not self._unfinished() and git.line("symbolic-ref", "-q", "HEAD", ok=(0, 1)) == branch

    def _unfinished(self) -> bool:
        return any((self.path / ".git" / name).exists() for name in UNFINISHED)
