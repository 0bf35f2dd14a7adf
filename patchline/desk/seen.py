"""Views on record: every page that is opened, and a page that stays open and renews itself every ten minutes."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from starlette.requests import Request

from patchline.database.schema import now
from patchline.desk.access import audit
from patchline.desk.visits import session_of

RENEWS = "x-patchline-live"  # the header with which an open page asks for its parts anew
AGAIN = timedelta(minutes=10)
_MOST = 10_000

_noted: OrderedDict[tuple[str, str, str | None], datetime] = OrderedDict()


def renews(request: Request) -> bool:
    """Whether this is an open page that renews itself, and nobody who opens it."""
    return RENEWS in request.headers


async def audit_view(request: Request, action: str, reference: str | None = None) -> None:
    """As `audit`. What renews itself a page that was not opened in this session lately is a view like any other."""
    session = session_of(request)
    page, at = (session.key if session else "", action, reference), now()
    if renews(request) and page in _noted and at - _noted[page] < AGAIN:
        return
    await audit(request, action, reference, "page:open" if renews(request) else None)
    _noted[page] = at
    _noted.move_to_end(page)
    while len(_noted) > _MOST:
        _noted.popitem(last=False)
