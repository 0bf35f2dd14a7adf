"""What can go wrong with the files that staff edit. Every message is a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass


class WorkspaceError(Exception):
    """The workspace cannot be used at all, e.g. git is missing or somebody merges in the folder by hand."""


class NotThere(WorkspaceError):
    """No such file, topic or change."""


@dataclass
class Invalid(WorkspaceError):
    """A text that must not be saved: it is no YAML, or not what the file has to hold. Nothing was written.

    >>> str(Invalid("data/faq/numbing.yml", 12, "not valid YAML: could not find expected ':'"))
    "data/faq/numbing.yml line 12: not valid YAML: could not find expected ':'"
    """

    path: str
    line: int | None
    sentence: str

    def __str__(self) -> str:
        return f"{self.path} line {self.line}: {self.sentence}" if self.line else f"{self.path}: {self.sentence}"


@dataclass
class Conflict(WorkspaceError):
    """Two people changed the same lines. Nothing was written; a person has to choose.

    `mine` is the text that was to be saved, `theirs` the one that stands now, `merged` both with git's markers; None is
    no such file. `base` is the commit that `theirs` belongs to: save the answer to the question with it.
    """

    path: str
    mine: str | None
    theirs: str | None
    merged: str
    base: str

    def __str__(self) -> str:
        return f"{self.path} was changed by somebody else in the same lines; nothing was saved"


@dataclass
class NotAllowed(WorkspaceError):
    """The author's role may not change this file. `least`: the role that may. Nothing was written."""

    path: str
    least: str

    def __str__(self) -> str:
        who = f"the role {self.least}" if self.least != "server" else "the engineer, on the server"
        return f"{self.path} can be changed by {who} only; nothing was saved"


class Unchanged(WorkspaceError):
    """There is nothing to save."""

    def __str__(self) -> str:
        return "nothing was changed"
