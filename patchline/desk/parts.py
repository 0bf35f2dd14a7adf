"""What the desk's pages use: settings, content, and a database engine and threads of the desk's own.

Nurses' pages must not take the connections with which patients are answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import sqlalchemy as sa
from starlette.requests import Request

from patchline.content import Content
from patchline.database import engines
from patchline.desk import passwords
from patchline.desk.times import Clock
from patchline.gateway import logs
from patchline.settings import Settings
from patchline.workspace import Workspace

LOCK_WAIT_S = 2.0  # a nurse would rather wait than press again
WAIT_S = 10.0
EDITORS = 2  # at the same time; reading the files takes a core
HASHERS = 2  # passwords that are checked at the same time; each takes a core and 64 MiB
T = TypeVar("T")


class DatabaseAway(Exception):
    """The database could not do it. The cause is chained; its message is not logged."""


class Desk:
    """Everything that the desk's endpoints use: `request.app.state.desk`."""

    def __init__(self, settings: Settings, content: Content):
        self.settings = settings
        self.use(content)
        self.engine = engines.make_engine(engines.url_of(settings), LOCK_WAIT_S)
        passwords.nobodys()  # made now, or the first unknown login would take longer than the others
        self._threads = anyio.CapacityLimiter(engines.THREADS)
        self._hashers = anyio.CapacityLimiter(HASHERS)
        self._editors = anyio.CapacityLimiter(EDITORS)
        self.workspace = Workspace(settings)

    def use(self, content: Content) -> None:
        """The clinic's content from here on: another release was switched to."""
        self.content, self.clock = content, Clock(content.clinic.timezone)

    async def ask(self, query: Callable[..., T], *args: Any, **more: Any) -> T:
        """`query(engine, *args, **more)` in a thread. Raises `DatabaseAway`; other errors come as they are."""
        return await self._run(self._threads, query, *args, **more)

    async def ask_with_password(self, query: Callable[..., T], *args: Any, **more: Any) -> T:
        """As `ask`, for what hashes a password: only a few at a time."""
        return await self._run(self._hashers, query, *args, **more)

    async def edit(self, task: Callable[..., T], *args: Any) -> T:
        """`task(workspace, *args)` in a thread, with the workspace as it is now. Raises `WorkspaceError`."""
        call = lambda: task(self.workspace.open(), *args)  # noqa: E731 (anyio passes no keywords on)
        return await anyio.to_thread.run_sync(call, limiter=self._editors)

    def close(self) -> None:
        self.engine.dispose()

    async def _run(self, threads: anyio.CapacityLimiter, query: Callable[..., T], *args: Any, **more: Any) -> T:
        try:
            with anyio.fail_after(WAIT_S):
                call = lambda: query(self.engine, *args, **more)  # noqa: E731 (anyio passes no keywords on)
                return await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=threads)
        except (sa.exc.SQLAlchemyError, TimeoutError) as error:
            logs.failure("desk_database", error)
            raise DatabaseAway(type(error).__name__) from error


def desk_of(request: Request) -> Desk:
    return request.app.state.desk


async def ask(request: Request, query: Callable[..., T], *args: Any, **more: Any) -> T:
    """`query(engine, *args, **more)` on the desk's database, e.g. `await ask(request, desk_api.queue, now())`."""
    return await desk_of(request).ask(query, *args, **more)
