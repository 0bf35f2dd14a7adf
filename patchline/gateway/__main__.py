"""`python -m patchline.gateway`: serve until told to stop. A start that cannot be is one sentence and exit code 2.

Here the rooms that share this process are put together, so this module may import rooms above its own:
the desk, and the releases that say what is served.
"""

from __future__ import annotations

import socket
import sys
from typing import cast

import uvicorn
from starlette.applications import Starlette

from patchline import content, settings
from patchline.content import ContentError
from patchline.desk.app import desk
from patchline.gateway import logs
from patchline.gateway.app import create_app, end_streams
from patchline.gateway.bounds import Bounded
from patchline.gateway.production import check_production
from patchline.process import keep_private
from patchline.releases.following import Following
from patchline.releases.serving import ServingError
from patchline.settings import Settings, SettingsError

GRACE_S = 5  # for answers under way when told to stop


class Server(uvicorn.Server):
    """Ends the event streams first; a stream would otherwise use up the whole grace."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_streams(cast(Starlette, self.config.app))  # as `main` gave it to the configuration
        await super().shutdown(sockets)


def main() -> int:
    keep_private()
    logs.configure()
    try:
        chosen = settings.from_environment()
        following = Following(chosen)
        own, release = following.begin()
        clinic_content = content.load(own.content, own.max_characters)
        check_production(chosen, clinic_content)
        app = create_app(own, clinic_content, release=release, mounts=[desk(chosen, clinic_content), following.mounted])
        following.live = app.state.parts.live
        listener = listen(chosen)
    except (SettingsError, ContentError, ServingError) as error:
        print(f"patchline gateway: {error}", file=sys.stderr)
        return 2
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Bounded,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the trusted_proxies setting decides whose word counts
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
    )
    print(f"patchline gateway: http://{chosen.host}:{chosen.port}", file=sys.stderr)
    Server(config).run(sockets=[listener])
    return 0


def listen(chosen: Settings) -> socket.socket:
    """A socket that listens at the chosen address. Raises `SettingsError` when it cannot be had."""
    here = f"port {chosen.port} on {chosen.host}"
    if not 0 < chosen.port < 65536:  # a lookup would quietly take the remainder
        raise SettingsError(f"PATCHLINE_PORT must be between 1 and 65535, not {chosen.port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(chosen.host, chosen.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(
            f"{here} cannot be used: {reason}. Choose another with PATCHLINE_PORT or PATCHLINE_HOST"
        ) from error
    return listener


if __name__ == "__main__":
    sys.exit(main())
