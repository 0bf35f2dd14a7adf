"""The workspace: a git repository of the YAML files that staff edit. It knows the rooms safety and training, no web.

>>> from patchline.workspace import Author, Workspace
>>> workspace = Workspace(settings).open()
>>> seen = workspace.head()
>>> workspace.save({"data/faq/numbing.yml": text}, Author("ana", "Ana López"), "Numbing: shorter", base=seen)
"""

from patchline.workspace.errors import Conflict, Invalid, NotAllowed, Unchanged, WorkspaceError
from patchline.workspace.files import SIGNATURES, STAFF_TESTS
from patchline.workspace.repository import Author, Change
from patchline.workspace.workspace import Workspace

__all__ = [
    "SIGNATURES",
    "STAFF_TESTS",
    "Author",
    "Change",
    "Conflict",
    "Invalid",
    "NotAllowed",
    "Unchanged",
    "Workspace",
    "WorkspaceError",
]
