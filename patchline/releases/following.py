"""The gateway follows `serving.json`: it switches to the release that stands there, between two messages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio.to_thread

from patchline import content
from patchline.gateway import logs
from patchline.gateway.app import Mounted
from patchline.gateway.dialogue import Dialogue
from patchline.gateway.edition import Edition, Live
from patchline.releases import serving
from patchline.releases.serving import Seat, Serving
from patchline.releases.store import Releases
from patchline.settings import Settings

LOOK_S = 0.1
HANG_UP_AFTER_S = 10.0  # messages that began with a Rasa end with it; none takes longer than 8 s


class Following:
    """One gateway's look-out. `begin()` first; then `live` is set to what is to be switched, and `mounted` runs it."""

    def __init__(self, settings: Settings):
        self.settings, self.releases = settings, Releases(settings)
        self.live: Live  # of the gateway, which is made after `begin`
        self._seat, self._seen = Seat(serving.INSTALLED, "a"), Serving()
        self._failed: Serving | None = None  # could not be switched to; told once
        self.mounted = Mounted(routes=(), lifespan=self._lifespan, end_streams=lambda: None)

    def begin(self) -> tuple[Settings, int]:
        """Settings with the content and the Rasa of the release that serves, and its number. Raises `ServingError`."""
        self._seen = serving.read(self.settings)
        self._seat = self._seen.serving
        return self._settings_of(self._seat), self._seat.release

    @contextlib.asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()

    async def run(self) -> None:
        self._stand_by(self._seen)
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Switch if another release is to serve. Whatever is wrong with it, the one that serves goes on."""
        try:
            found = serving.read(self.settings)
            if found == self._seen or found == self._failed:
                return
            if found.serving != self._seat:
                await self._switch(found.serving)
            self._stand_by(found)
            self._seen, self._failed = found, None
        except Exception as error:
            if self._failed is None:
                logs.failure("switch_failed", error)
            with contextlib.suppress(Exception):
                self._failed = serving.read(self.settings)

    async def _switch(self, seat: Seat) -> None:
        own = self._settings_of(seat)
        edition = await anyio.to_thread.run_sync(_load, own, seat.release)
        before, after = self.live.now, edition
        self.live.switch(after)
        self._seat = seat
        logs.event("switched", release=seat.release, slot=seat.slot)
        asyncio.get_running_loop().call_later(HANG_UP_AFTER_S, _hang_up, before.dialogue)

    def _stand_by(self, found: Serving) -> None:
        """The Rasa of the other slot remembers conversations, too, and has to forget them with the one that serves."""
        other = serving.in_slot(self.settings, found.other)
        self.live.standby = Dialogue(other.rasa_url, self.settings.internal_token)

    def _settings_of(self, seat: Seat) -> Settings:
        release = self.releases.get(seat.release)
        return replace(serving.in_slot(self.settings, seat.slot), content=self.releases.content(release))


def _load(settings: Settings, release: int) -> Edition:
    return Edition.of(settings, content.load(settings.content, settings.max_characters), release)


def _hang_up(dialogue: Dialogue) -> None:
    _closing.add(task := asyncio.get_running_loop().create_task(dialogue.close()))
    task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task] = set()  # the loop itself holds tasks weakly
