"""What the pages for editing share: the workspace in a thread, who edits, and what serves now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from patchline.desk.access import desk_of, render
from patchline.releases.store import Releases
from patchline.settings import Settings
from patchline.workspace import Author, Invalid, Workspace

T = TypeVar("T")
# After POST, redirect, GET: what the next page says.
DONE = {
    "saved": "Saved. Patients get it with the next model that is trained and promoted.",
    "removed": "Removed. It stays in the history.",
    "undone": "Undone, as a change of its own.",
    "signed": "Signed.",
    "upgraded": "The upgrade's files are merged with yours.",
    "unchanged": "Nothing was changed, so nothing was saved.",
}


async def work(request: Request, task: Callable[..., T], *arguments: Any) -> T:
    """`task(workspace, *arguments)` in a thread. Raises `WorkspaceError`."""
    return await desk_of(request).edit(task, *arguments)


async def show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page of the editing room; it says which files are broken by hand, and whether an upgrade waits."""
    trouble, upgrade = await work(request, _notices)
    done = DONE.get(request.query_params.get("done", ""), "")
    return await render(
        request, f"editing/{template}", status, trouble=trouble, upgrade=upgrade, done=done, dotted=dotted, **values
    )


def author(request: Request) -> Author:
    """Who is signed in, with the role that decides which files may be written."""
    return Author(request.state.staff.login, request.state.staff.name, request.state.staff.role)


def serving_files(settings: Settings) -> Mapping[str, bytes]:
    """The files of what answers patients now."""
    releases = Releases(settings)
    return releases.edited(releases.get(releases.serving().serving.release))


def dotted(id: str) -> str:
    """An id as a part of an address.

    >>> dotted("faq/numbing")
    'faq.numbing'
    """
    return id.replace("/", ".")


def slashed(part: str) -> str:
    return part.replace(".", "/")


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field's text with line ends as files have them; "" for none."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _notices(workspace: Workspace) -> tuple[list[Invalid], bool]:
    return list(workspace.trouble), workspace.waiting_for_shipped() is not None
