"""Who sends a request: the peer's address, or the one that a trusted proxy names."""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope


def address(scope: Scope, trusted_proxies: tuple[str, ...]) -> str:
    """The client's address: the last hop of X-Forwarded-For when the peer is a trusted proxy, else the peer.

    Only the last hop is the proxy's own word; whatever stands before it came from the client.
    """
    peer = _peer(scope)
    if peer not in trusted_proxies:
        return peer
    hops = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    last = hops.rpartition(",")[2].strip()
    return last if _is_address(last) else peer


def is_local(scope: Scope, trusted_proxies: tuple[str, ...]) -> bool:
    """True for a client on this machine.

    A request that some proxy forwarded is not local, also when that proxy runs here and nobody said to trust it.
    """
    client = address(scope, trusted_proxies)
    headers = Headers(scope=scope)
    forwarded = "x-forwarded-for" in headers or "forwarded" in headers
    if forwarded and _peer(scope) not in trusted_proxies:
        return False
    return _is_address(client) and ipaddress.ip_address(client).is_loopback


def _peer(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
