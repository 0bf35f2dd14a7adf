"""What actions share: the installation's database, content and chain of contacts, and a bound on how long they wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from patchline import content as contents
from patchline import settings
from patchline.chain import Chain
from patchline.database import engines

logger = logging.getLogger(__name__)
WAIT_S = 1.5
T = TypeVar("T")


async def in_time(work: Callable[..., T], *args: Any) -> T:
    """Blocking work on the database, in a thread. Raises `TimeoutError` after `WAIT_S` seconds, and what it raises.

    A thread cannot be stopped: work that was given up on may still be done later.
    """
    return await asyncio.wait_for(asyncio.to_thread(work, *args), WAIT_S)


@cache
def engine() -> sa.engine.Engine:
    """The installation's database; connects at the first ticket."""
    return engines.make_engine(engines.url_of(settings.from_environment()))


@cache
def content() -> contents.Content:
    """What the clinic has written. Raises `ContentError` for a mistake in it."""
    return contents.load(settings.from_environment().content)


@cache
def chain() -> Chain | None:
    """Whom the clinic wants told; None where its file cannot be read: then the delivery worker sees to it."""
    try:
        return contents.load_clinic(settings.from_environment().content / "clinic.yml").chain
    except (contents.ContentError, settings.SettingsError):
        logger.exception("the chain of contacts cannot be read")
        return None
