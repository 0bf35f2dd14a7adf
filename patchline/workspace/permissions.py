"""Who may write which file of the workspace: the one table that every writer asks (save, undo, an upgrade's answers).

Pages have roles of their own, for what they show. This holds whatever a page, a form or a hand-made request says.
"""

from __future__ import annotations

from collections.abc import Iterable

from patchline.workspace.errors import NotAllowed
from patchline.workspace.files import SIGNATURES
from patchline.workspace.repository import Author

EDITOR, CLINICIAN, ADMIN = "editor", "clinician", "admin"  # of those that `patchline.desk.roles` names
SERVER = "server"  # who has the machine anyway: an edit by hand, a command, the installation itself
_LADDER = (EDITOR, CLINICIAN, ADMIN, SERVER)  # each may write what those before it may
_LEAST = {
    SIGNATURES: CLINICIAN,  # a signature is a clinician's word
    "content/clinic.yml": ADMIN,  # numbers that patients call
    "content/red_flags.yml": ADMIN,  # what raises an alarm
    "content/context_rules.yml": ADMIN,
    "config.yml": SERVER,  # names Python classes that a training makes
}


def may_write(role: str, path: str) -> bool:
    """Whether a role may change a file. An unknown role may nothing.

    >>> may_write("editor", "data/faq/numbing.yml"), may_write("editor", "content/clinic.yml")
    (True, False)
    """
    return role in _LADDER and _LADDER.index(role) >= _LADDER.index(_LEAST.get(path, EDITOR))


def check(author: Author, paths: Iterable[str], offered: bool = False) -> None:
    """Raises `NotAllowed` for the first of `paths` that the author may not change. `offered`: the text is one of two
    that an upgrade lets choose from, so that an admin may take it into any file.
    """
    for path in paths:
        if not (may_write(author.role, path) or (offered and author.role == ADMIN)):
            raise NotAllowed(path, _LEAST.get(path, EDITOR))
