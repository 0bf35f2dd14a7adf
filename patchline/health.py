"""Asks the running processes of this machine how they are."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from typing import Any

from patchline.settings import Settings

# Never through a proxy: the question is for this machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # a server that listens on all is asked on the loopback


def address(settings: Settings) -> str:
    """Where the gateway answers on this machine, e.g. 'http://127.0.0.1:8000'."""
    host = EVERY_ADDRESS.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def ready(settings: Settings, timeout_s: float = 8.0) -> dict[str, Any] | None:
    """The gateway's answer when a model has answered a real question, e.g. {"status": "ready", "model": …}; or None."""
    try:
        with _opener.open(f"{address(settings)}/health/ready", timeout=timeout_s) as reply:
            return json.load(reply)
    except (OSError, ValueError):  # refused, timeout, 503, or not our gateway
        return None


def live(settings: Settings, timeout_s: float = 2.0) -> bool:
    """Whether the gateway itself answers."""
    try:
        with _opener.open(f"{address(settings)}/health/live", timeout=timeout_s):
            return True
    except OSError:
        return False


def listens(port: int) -> bool:
    """Whether something listens on a port of the loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False
