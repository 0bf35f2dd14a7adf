"""The workspace as one file, and back: a git bundle with every commit."""

from __future__ import annotations

from pathlib import Path

from patchline.workspace.folder import WRITTEN
from patchline.workspace.git import Git
from patchline.workspace.repository import MAIN


def write_bundle(workspace: Path, target: Path) -> bool:
    """Every commit of a workspace in one file. False for a folder that is none, or that nobody has opened yet."""
    git = Git(workspace)
    if not (workspace / ".git").exists() or git.commit_of(MAIN) is None:
        return False
    git.run("bundle", "create", "--quiet", str(target), "--all")
    return True


def read_bundle(bundle: Path, workspace: Path) -> None:
    """Make a workspace of a bundle, where there is none. `Workspace.open` writes its files into the folder.

    Raises `WorkspaceError` for a file that is no bundle.
    """
    workspace.mkdir(mode=0o700, parents=True)
    git = Git(workspace)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("config", "receive.denyCurrentBranch", "updateInstead")
    git.run("fetch", "--quiet", "--update-head-ok", str(bundle), "+refs/*:refs/*")
    git.run("update-ref", "-d", WRITTEN)  # nothing is in the folder yet
