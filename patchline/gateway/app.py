"""The application: where the gateway's parts are put together, real ones or stand-ins."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from patchline.content import Content
from patchline.gateway import api, database, logs, page, site
from patchline.gateway.caretaker import Caretaker
from patchline.gateway.conversation import Conversations
from patchline.gateway.dialogue import Dialogue
from patchline.gateway.events import Events, EventSource
from patchline.gateway.headers import SecurityHeaders
from patchline.gateway.health import Readiness
from patchline.gateway.journal import Journal, JournalError
from patchline.gateway.messages import Messages
from patchline.gateway.metrics import Metrics
from patchline.gateway.origins import Origins
from patchline.gateway.problems import CatchAll, Problem, Problems
from patchline.gateway.rates import AddressLimit, Rates
from patchline.gateway.tokens import Tokens
from patchline.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Everything that the endpoints use; `app.state.parts`."""

    settings: Settings
    journal: Journal
    dialogue: Dialogue
    conversations: Conversations
    tokens: Tokens
    rates: Rates
    metrics: Metrics
    events: Events
    readiness: Readiness
    caretaker: Caretaker
    page: str


def create_app(settings: Settings, content: Content, *, event_source: EventSource | None = None) -> Starlette:
    """The gateway as an ASGI application. Raises `SettingsError`. Tables are made when the application starts."""
    journal = Journal(database.url_of(settings))
    dialogue = Dialogue(settings.rasa_url, settings.internal_token)
    parts = Parts(
        settings=settings,
        journal=journal,
        dialogue=dialogue,
        conversations=Conversations(settings, journal, dialogue, Messages(content)),
        tokens=Tokens(settings.secret),
        rates=Rates(settings.rate_limit),
        metrics=Metrics(),
        events=Events(event_source),
        readiness=Readiness(dialogue, settings.rasa_timeout_s),
        caretaker=Caretaker(journal, dialogue),
        page=page.render(content),
    )
    problems = Problems(content.clinic.line.display)
    app = Starlette(
        routes=[*api.ROUTES, *site.ROUTES],
        middleware=_middleware(parts, problems),
        exception_handlers={Problem: problems.on_problem, HTTPException: problems.on_http_exception},
        lifespan=_lifespan,
    )
    app.router.redirect_slashes = False  # an address that is nearly right is a 404 problem, not a redirect
    app.state.parts = parts
    return app


def _middleware(parts: Parts, problems: Problems) -> list[Middleware]:
    """From the outside in. Every answer passes the first two, also a refusal of the others."""
    settings = parts.settings
    return [
        Middleware(SecurityHeaders),
        Middleware(logs.RequestLog, parts.metrics),
        Middleware(Origins, settings.allowed_origins, problems),
        Middleware(AddressLimit, parts.rates, problems, settings.trusted_proxies),
        Middleware(CatchAll, problems),
    ]


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    try:
        await parts.journal.mend()
    except JournalError as error:  # patients can be answered without it; the caretaker goes on trying
        logs.failure("journal_failed", error)
    caretaker = asyncio.create_task(parts.caretaker.run())
    try:
        yield
    finally:
        caretaker.cancel()
        parts.events.close()
        await parts.dialogue.close()
        parts.journal.close()
