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
from patchline.database import engines
from patchline.escalation.spool import Spool
from patchline.gateway import api, logs, page, site
from patchline.gateway.answering import Answering
from patchline.gateway.caretaker import Caretaker
from patchline.gateway.conversation import Conversations
from patchline.gateway.dialogue import Dialogue
from patchline.gateway.escalations import Escalations
from patchline.gateway.events import Events, EventSource
from patchline.gateway.headers import SecurityHeaders
from patchline.gateway.health import Readiness, Tended
from patchline.gateway.hearing import Hearing
from patchline.gateway.journal import Journal
from patchline.gateway.messages import Messages
from patchline.gateway.metrics import Metrics
from patchline.gateway.origins import Origins
from patchline.gateway.overlooked import Overlooked
from patchline.gateway.problems import CatchAll, Problem, Problems
from patchline.gateway.rates import AddressLimit, Rates
from patchline.gateway.tokens import Tokens
from patchline.gateway.widget import Script
from patchline.settings import Settings


@dataclass(frozen=True)
class Parts:
    """Everything that the endpoints use; `app.state.parts`."""

    settings: Settings
    journal: Journal
    dialogue: Dialogue
    escalations: Escalations
    conversations: Conversations
    tokens: Tokens
    rates: Rates
    metrics: Metrics
    events: Events
    readiness: Readiness
    tended: Tended
    caretaker: Caretaker
    page: str
    script: Script


def create_app(settings: Settings, content: Content, *, event_source: EventSource | None = None) -> Starlette:
    """The gateway as an ASGI application. Raises `SettingsError`, and `ContentError` for a mistake in the safety rules.

    Tables are made when the application starts.
    """
    journal, metrics = Journal(engines.url_of(settings)), Metrics()
    dialogue = Dialogue(settings.rasa_url, settings.internal_token)
    escalations = Escalations(journal, Spool(settings.spool), metrics, content.clinic.chain)
    hearing, messages = Hearing(settings.content, settings.max_characters), Messages(content)
    answering = Answering(journal, dialogue, hearing, messages, escalations, settings.rasa_timeout_s)
    overlooked = Overlooked(journal, dialogue, escalations, settings.max_characters)
    parts = Parts(
        settings=settings,
        journal=journal,
        dialogue=dialogue,
        escalations=escalations,
        conversations=Conversations(answering, overlooked),
        tokens=Tokens(settings.secret),
        rates=Rates(settings.rate_limit),
        metrics=metrics,
        events=Events(event_source),
        readiness=Readiness(dialogue, settings.rasa_timeout_s),
        tended=Tended(journal),
        caretaker=Caretaker(journal, dialogue, overlooked),
        page=page.render(content),
        script=Script(content),
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
    await parts.caretaker.begin()
    tasks = [asyncio.create_task(task.run()) for task in (parts.caretaker, parts.escalations)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        parts.events.close()
        await parts.dialogue.close()
        parts.journal.close()
