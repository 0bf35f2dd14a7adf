"""The application: where the gateway's parts are put together, real ones or stand-ins."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from patchline.content import Content
from patchline.database import engines
from patchline.escalation.spool import Spool
from patchline.gateway import api, logs, site
from patchline.gateway.answering import Answering
from patchline.gateway.backlog import Backlog, Unkept
from patchline.gateway.caretaker import Caretaker
from patchline.gateway.clinic_events import ClinicEvents
from patchline.gateway.conversation import Conversations
from patchline.gateway.edition import Edition, Live
from patchline.gateway.escalations import Escalations
from patchline.gateway.events import Events, EventSource
from patchline.gateway.headers import SecurityHeaders
from patchline.gateway.health import Readiness, Tended
from patchline.gateway.journal import Journal
from patchline.gateway.metrics import Metrics
from patchline.gateway.origins import Origins
from patchline.gateway.overlooked import Overlooked
from patchline.gateway.problems import CatchAll, Problem, Problems
from patchline.gateway.purging import Daily
from patchline.gateway.rates import AddressLimit, Rates
from patchline.gateway.tokens import Tokens
from patchline.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Everything that the endpoints use; `app.state.parts`."""

    settings: Settings
    journal: Journal
    live: Live
    escalations: Escalations
    backlog: Backlog
    conversations: Conversations
    tokens: Tokens
    rates: Rates
    metrics: Metrics
    events: Events
    readiness: Readiness
    tended: Tended
    caretaker: Caretaker


@dataclass(frozen=True)
class Mounted:
    """Pages of another room in this process."""

    routes: Sequence[BaseRoute]
    lifespan: Callable[[], contextlib.AbstractAsyncContextManager[None]]  # around the serving
    end_streams: Callable[[], None]  # called at a shutdown, which would otherwise wait for them
    told: Callable[[Content], None] | None = None  # of the content of another release, when it is switched to


def create_app(
    settings: Settings,
    content: Content,
    *,
    release: int = 0,
    event_source: EventSource | None = None,
    mounts: Sequence[Mounted] = (),
) -> Starlette:
    """The gateway as an ASGI application. Raises `SettingsError`, and `ContentError` for a mistake in the safety rules.

    It begins with the release of that number, whose Rasa and content are those of `settings`; `parts.live` switches it.
    Tables are made when the application starts.
    """
    journal, metrics = Journal(engines.url_of(settings)), Metrics()
    live = Live(Edition.of(settings, content, release))
    live.told += [mounted.told for mounted in mounts if mounted.told]
    escalations = Escalations(journal, Spool(settings.spool), metrics, lambda: live.now.chain)
    backlog = Backlog(journal, Spool(settings.backlog, Unkept.from_json))
    answering = Answering(journal, live, escalations, backlog, settings.rasa_timeout_s)
    overlooked = Overlooked(journal, live, escalations, settings.max_characters)
    parts = Parts(
        settings=settings,
        journal=journal,
        live=live,
        escalations=escalations,
        backlog=backlog,
        conversations=Conversations(answering, overlooked),
        tokens=Tokens(settings.secret),
        rates=Rates(settings.rate_limit),
        metrics=metrics,
        events=Events(event_source or ClinicEvents(journal, lambda: live.now.notes)),
        readiness=Readiness(live, settings.rasa_timeout_s),
        tended=Tended(journal),
        caretaker=Caretaker(journal, live, overlooked),
    )
    problems = Problems(lambda: live.now.line)
    # Starlette's own type has no place for a handler of one kind of error.
    handlers: dict[Any, Any] = {Problem: problems.on_problem, HTTPException: problems.on_http_exception}
    app = Starlette(
        routes=[*api.ROUTES, *site.ROUTES, *(route for mounted in mounts for route in mounted.routes)],
        middleware=_middleware(parts, problems),
        exception_handlers=handlers,
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # an address that is nearly right is a 404 problem, not a redirect
    app.state.parts, app.state.mounts = parts, tuple(mounts)
    return app


def _middleware(parts: Parts, problems: Problems) -> list[Middleware]:
    """From the outside in. Every answer passes the first two, also a refusal of the others."""
    settings = parts.settings
    return [
        Middleware(SecurityHeaders, settings.address.startswith("https:")),
        Middleware(logs.RequestLog, parts.metrics),
        Middleware(Origins, settings.allowed_origins, problems),
        Middleware(AddressLimit, parts.rates, problems, settings.trusted_proxies),
        Middleware(CatchAll, problems),
    ]


def end_streams(app: Starlette) -> None:
    """Ends all event streams; a shutdown would otherwise wait for them in vain."""
    app.state.parts.events.close()
    for mounted in app.state.mounts:
        mounted.end_streams()


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    await parts.caretaker.begin()
    work = (parts.caretaker, parts.escalations, parts.backlog, Daily(parts.settings))
    tasks = [asyncio.create_task(task.run()) for task in work]
    try:
        async with contextlib.AsyncExitStack() as stack:
            for mounted in app.state.mounts:
                await stack.enter_async_context(mounted.lifespan())
            yield
    finally:
        for task in tasks:
            task.cancel()
        end_streams(app)
        await parts.live.close()
        parts.journal.close()
