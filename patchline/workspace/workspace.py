"""The files that staff edit, in a git repository of their own: what the desk saves is a commit with a name on it.

Branch `shipped` holds what the installation ships, `main` what staff made of it. Everybody reads commits, never the
folder: a file that somebody breaks by hand in it harms nobody, and a good one is committed at the next `open`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Mapping

from patchline.settings import Settings
from patchline.workspace import permissions, validity
from patchline.workspace.errors import Conflict, Invalid, Unchanged, WorkspaceError
from patchline.workspace.files import check_path, installed
from patchline.workspace.folder import Folder
from patchline.workspace.git import DISK_IS_FULL, name_of
from patchline.workspace.merging import Merge, changed, merge, sides
from patchline.workspace.repository import MAIN, SHIPPED, Author, Change, Repository

BY_HAND = Author("server", "By hand on the server", permissions.SERVER)
PATCHLINE = Author("patchline", "Patchline", permissions.SERVER)


class Workspace(Repository):
    """`open()` first; then read, save, undo.

    >>> workspace = Workspace(settings).open()
    >>> seen = workspace.head()
    >>> text = workspace.read("data/faq/numbing.yml", at=seen)
    >>> workspace.save({"data/faq/numbing.yml": edited}, Author("ana", "Ana López"), "Numbing: shorter", base=seen)

    Processes and threads may use it at once: writers wait for each other at a lock. Each method reads anew.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.workspace)
        self.trouble: list[Invalid] = []  # files in the folder that are broken by hand; set by `open`
        self._settings, self._here = settings, Folder(self.folder)

    # --- made and updated ----------------------------------------------------------------------------------------

    def open(self) -> Workspace:
        """Make it if there is none, take in good edits by hand, and merge what an upgrade of the installation brings.

        Raises `WorkspaceError` when git is missing or the folder is no use. A broken edit by hand raises nothing: it is
        in `trouble` and stays in the folder, and the last commit goes on being shown.
        """
        with self._locked():
            self._make()
            self._take_in()
            self._ship()
        return self

    def _make(self) -> None:
        if not (self.folder / ".git").exists():
            self._git.run("init", "--quiet", "--initial-branch=main")
            self._git.run("config", "receive.denyCurrentBranch", "updateInstead")
        shipped = self._git.commit_of(SHIPPED)
        files = installed(self._settings)
        if shipped is None or self._blobs(shipped) != {path: name_of(data) for path, data in files.items()}:
            tree = self._git.tree(self._git.keep_all(files))
            says = "The installation's files" if shipped is None else "The installation's files, changed by an upgrade"
            shipped = self._commit(tree, [shipped] if shipped else [], says, PATCHLINE)
            self._git.run("update-ref", SHIPPED, shipped)
        if self._git.commit_of(MAIN) is None:
            self._git.run("update-ref", MAIN, shipped)

    def _take_in(self) -> None:
        """Write the newest commit into the folder, and commit what somebody edited there by hand, if it is good."""
        self._here.finish(self._git, MAIN)
        good, self.trouble = self._by_hand()
        head = self.head()
        before = self._blobs(head)
        blobs = {path: blob for path, blob in before.items() if path not in good}
        blobs |= self._git.keep_all({path: data for path, data in good.items() if data is not None})
        if blobs != before:
            self._move(self._commit(self._git.tree(blobs), [head], "Edited by hand on the server", BY_HAND), head)

    def broken(self) -> list[Invalid]:
        """Edits by hand in the folder that do not hold; as `trouble`, and only looks."""
        return self._by_hand()[1]

    def _by_hand(self) -> tuple[dict[str, bytes | None], list[Invalid]]:
        """What somebody edited in the folder since the last commit (None: removed), and what of it does not hold."""
        files, good, trouble = dict(self.files()), {}, []
        for path, data in sorted(self._here.edits(self._git, MAIN).items()):
            tried = {name: kept for name, kept in files.items() if name != path}
            tried |= {path: data} if data is not None else {}
            try:
                self._check(tried, [path])
            except Invalid as error:
                trouble.append(error)
                continue
            files, good[path] = tried, data
        return good, trouble

    # --- writing -------------------------------------------------------------------------------------------------

    def save(self, edits: Mapping[str, str | None], author: Author, message: str, base: str) -> Change:
        """One commit of whole texts by path (None removes a file). `base` is the commit that the editor saw.

        What others saved since is merged. Raises `NotAllowed` where the author's role may not change a file, `Conflict`
        where others changed the same lines, `Invalid` where a text must not be saved, `Unchanged` where there is
        nothing to do, and `WorkspaceError`. Then nothing was written.
        """
        for path in edits:
            check_path(path)
        with self._locked():
            self._here.check_free(self._git)
            self._take_in()
            seen = self._known(base)
            before = self._blobs(seen)
            mine = {path: blob for path, blob in before.items() if edits.get(path, "") is not None}
            mine |= self._git.keep_all({path: text.encode() for path, text in edits.items() if text is not None})
            return self._commit_merged(mine, before, author, message, ("yours", "before", "theirs"))

    def revert(self, id: str, author: Author) -> Change:
        """Undo one change and leave all others. Raises `Conflict` when later changes touch the same lines, and
        `NotAllowed` where the author's role may not change one of its files.
        """
        with self._locked():
            self._here.check_free(self._git)
            self._take_in()
            undone = self.change(id)
            before = self._parent(undone.id)
            if before is None:
                raise WorkspaceError("this is where it began; it cannot be undone")
            mine = self._blobs(before)
            names = ("as it was before", "the change to undo", "as it is now")
            return self._commit_merged(mine, self._blobs(undone.id), author, f"Undone: {undone.title}", names)

    # --- an upgrade that does not merge by itself ----------------------------------------------------------------

    def waiting_for_shipped(self) -> Conflict | None:
        """The first question of an upgrade that does not merge by itself; None while nothing waits."""
        found = self.shipped_conflicts()
        return found[0] if found else None

    def shipped_conflicts(self) -> list[Conflict]:
        """All questions of an upgrade: `mine` is the staff's text, `theirs` the installation's new one."""
        merged = self._merged_with_shipped()
        if merged is None:
            return []
        head, shipped = self.head(), self._known(SHIPPED)
        if merged.open:
            return [self._question(path, data, head, shipped) for path, data in merged.open.items()]
        try:
            self._check_blobs(merged.blobs, changed(self._blobs(head), merged.blobs))
        except Invalid as error:
            data = self._git.bytes_of([merged.blobs[error.path]])[0] if error.path in merged.blobs else b""
            return [self._question(error.path, data, head, shipped)]
        return []

    def take_shipped(self, answers: Mapping[str, str | None], author: Author, base: str) -> Change:
        """Merge an upgrade with the answers to all of `shipped_conflicts`. `base`: the commit that they were about.

        Raises `NotAllowed` where the author's role may not change what is asked about.
        """
        with self._locked():
            head = self.head()
            if head != self._known(base):
                raise WorkspaceError("somebody saved meanwhile; look at the questions once more")
            merged = self._merged_with_shipped()
            if merged is None:
                raise Unchanged
            for path in merged.open:
                if path not in answers:
                    raise self._question(path, merged.open[path], head, self._known(SHIPPED))
            blobs = {path: blob for path, blob in merged.blobs.items() if path not in answers}
            offered = {question.path: sides(question) for question in self.shipped_conflicts()}
            for path, text in answers.items():
                permissions.check(author, [path], offered=text in offered.get(path, ()))
            given = {check_path(path): text.encode() for path, text in answers.items() if text is not None}
            blobs |= self._git.keep_all(given)
            self._check_blobs(blobs, changed(self._blobs(head), blobs))
            return self._merge_shipped(blobs, head, author)

    def _ship(self) -> None:
        """Merge what an upgrade brought, if it merges by itself and is good."""
        merged = self._merged_with_shipped()
        if merged is None or merged.open:
            return
        head = self.head()
        with contextlib.suppress(Invalid):  # then it waits, and `shipped_conflicts` says so
            self._check_blobs(merged.blobs, changed(self._blobs(head), merged.blobs))
            self._merge_shipped(merged.blobs, head, PATCHLINE)

    def _merged_with_shipped(self) -> Merge | None:
        """None: everything that is shipped is merged already."""
        base = self._git.line("merge-base", MAIN, SHIPPED)
        shipped = self._known(SHIPPED)
        if base == shipped:
            return None
        names = ("yours", "before the upgrade", "the upgrade")
        return merge(self._git, self._blobs(self.head()), self._blobs(base), self._blobs(shipped), names)

    def _merge_shipped(self, blobs: dict[str, str], head: str, author: Author) -> Change:
        says = "An upgrade's files merged with staff's"
        made = self._commit(self._git.tree(blobs), [head, self._known(SHIPPED)], says, author)
        self._move(made, head)
        return self.change(made)

    def _question(self, path: str, merged: bytes, mine: str, theirs: str) -> Conflict:
        sides = [files[path].decode(errors="replace") if path in (files := self.files(commit)) else None
                 for commit in (mine, theirs)]  # fmt: skip
        return Conflict(path, sides[0], sides[1], merged.decode(errors="replace"), mine)

    # --- below ---------------------------------------------------------------------------------------------------

    def _commit_merged(
        self, mine: dict[str, str], base: dict[str, str], author: Author, message: str, names: tuple[str, str, str]
    ) -> Change:
        permissions.check(author, changed(base, mine))
        head = self.head()
        there = self._blobs(head)
        merged = merge(self._git, mine, base, there, names)
        for path, data in merged.open.items():
            mine_now, theirs = (self._git.bytes_of([side[path]])[0].decode() if path in side else None
                                for side in (mine, there))  # fmt: skip
            raise Conflict(path, mine_now, theirs, data.decode(errors="replace"), head)
        paths = changed(there, merged.blobs)
        if not paths:
            raise Unchanged
        self._check_blobs(merged.blobs, paths)
        made = self._commit(self._git.tree(merged.blobs), [head], message, author)
        self._move(made, head)
        return self.change(made)

    def _check_blobs(self, blobs: Mapping[str, str], paths: list[str]) -> None:
        files = dict(zip(blobs, self._git.bytes_of(list(blobs.values())), strict=True))
        self._check(files, paths)

    def _check(self, files: Mapping[str, bytes], paths: list[str]) -> None:
        validity.check(files, paths, kept=self.files(self._known(SHIPPED)))

    def _commit(self, tree: str, parents: list[str], message: str, author: Author) -> str:
        name = "".join(letter for letter in author.name if letter.isprintable() and letter not in "<>") or author.login
        return self._git.commit(tree, parents, message, name.strip() or "?", f"{author.login}@desk")

    def _move(self, made: str, head: str) -> None:
        self._git.run("update-ref", MAIN, made, head)
        self._here.finish(self._git, MAIN)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time. Raises `WorkspaceError`, also for what the system refuses inside: a folder, a full disk."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self.folder.parent / f"{self.folder.name}.lock", "w") as file:
                os.fchmod(file.fileno(), 0o600)
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise WorkspaceError(DISK_IS_FULL) from error
            what = error.strerror or type(error).__name__
            raise WorkspaceError(f"the folder {self.folder} cannot be used ({what})") from error
