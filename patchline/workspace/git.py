"""git by its own program: no user configuration, no hooks, no network. Raises `WorkspaceError`."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from patchline.workspace.errors import WorkspaceError

LIMIT_S = 60.0
NO_GIT = "git is not installed on the server, and the answers are kept with it (Debian: apt-get install git)"
DISK_IS_FULL = "the disk of the server is full; somebody has to make room before anything can be saved"
OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.quotePath=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "safe.directory=*",
)

NOTHING_MORE: Mapping[str, str] = {}


class Git:
    """The repository in `folder`; texts go in and come out as bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        *arguments: str,
        given: bytes | None = None,
        ok: tuple[int, ...] = (0,),
        more: Mapping[str, str] = NOTHING_MORE,
    ) -> bytes:
        """The output of one git command; `more` are variables of its environment."""
        options = [part for option in OPTIONS for part in ("-c", option)]
        command = ["git", *options, "-C", str(self.folder), *arguments]
        try:
            done = subprocess.run(
                command, input=given or b"", capture_output=True, timeout=LIMIT_S, env={**_alone(), **more}
            )
        except FileNotFoundError:
            raise WorkspaceError(NO_GIT) from None
        except subprocess.TimeoutExpired:
            raise WorkspaceError(f"git {arguments[0]} did not end within {LIMIT_S:.0f} s") from None
        if done.returncode not in ok:
            said = done.stderr.decode(errors="replace").strip()
            full = os.strerror(errno.ENOSPC) in said
            raise WorkspaceError(DISK_IS_FULL if full else f"git {arguments[0]} failed: {said}")
        return done.stdout

    def line(self, *arguments: str, ok: tuple[int, ...] = (0,), more: Mapping[str, str] = NOTHING_MORE) -> str:
        """The output of a command that says one thing; "" where it says nothing."""
        return self.run(*arguments, ok=ok, more=more).decode().strip()

    def commit_of(self, name: str) -> str | None:
        """The commit that a branch or a number names, in full; None for none."""
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok=(0, 1, 128))
        return found.decode().strip() or None

    def blobs(self, commit: str) -> dict[str, str]:
        """Every file of a commit: path -> git's name of its bytes."""
        listed = self.run("ls-tree", "-r", "-z", commit).decode().split("\0")
        return {path: about.split()[2] for about, _, path in (line.partition("\t") for line in listed if line)}

    def bytes_of(self, blobs: list[str]) -> list[bytes]:
        """The bytes of many blobs in one go, in their order."""
        given = "".join(f"{blob}\n" for blob in blobs).encode()
        output, found, at = self.run("cat-file", "--batch", given=given), [], 0
        for _ in blobs:
            end = output.index(b"\n", at)
            size = int(output[at:end].split()[2])
            found.append(output[end + 1 : end + 1 + size])
            at = end + 1 + size + 1
        return found

    def keep(self, data: bytes) -> str:
        """Write bytes into the repository; their name."""
        return self.run("hash-object", "-w", "--stdin", given=data).decode().strip()

    def keep_all(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Write many files' bytes in one go; their names by the same paths."""
        if not files:
            return {}
        with tempfile.TemporaryDirectory() as folder:
            parts = [Path(folder, str(number)) for number in range(len(files))]
            for part, data in zip(parts, files.values(), strict=True):
                part.write_bytes(data)
            given = "".join(f"{part}\n" for part in parts).encode()
            named = self.run("hash-object", "-w", "--no-filters", "--stdin-paths", given=given).decode().split()
        return dict(zip(files, named, strict=True))

    def tree(self, blobs: Mapping[str, str]) -> str:
        """Write a folder of these blobs; its name."""
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            given = "".join(f"100644 {blob}\t{path}\0" for path, blob in sorted(blobs.items())).encode()
            self.run("update-index", "-z", "--index-info", given=given, more=index)
            return self.line("write-tree", more=index)

    def commit(self, tree: str, parents: list[str], message: str, name: str, email: str) -> str:
        """Write a commit; its name. No branch moves."""
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
               (("NAME", name), ("EMAIL", email))}  # fmt: skip
        above = [part for parent in parents for part in ("-p", parent)]
        return self.run("commit-tree", tree, *above, given=message.encode(), more=who).decode().strip()

    def merge(self, mine: bytes, base: bytes, theirs: bytes, names: tuple[str, str, str]) -> tuple[bytes, bool]:
        """Both changes in one text, and whether they touched the same lines (then with markers)."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, name) for name in ("mine", "base", "theirs")]
            for path, data in zip(paths, (mine, base, theirs), strict=True):
                path.write_bytes(data)
            labels = [part for name in names for part in ("-L", name)]
            command = ["merge-file", "-p", "--diff3", *labels, *map(str, paths)]
            merged = self.run(*command, ok=tuple(range(128)))
        return merged, any(line.startswith(b"<<<<<<< ") for line in merged.split(b"\n"))


def name_of(data: bytes) -> str:
    """What git calls these bytes, without asking it."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _alone() -> dict[str, str]:
    """An environment in which nothing of the user's git takes part."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }
