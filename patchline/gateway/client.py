"""Who sends a request: the peer's address, or the one that a trusted proxy names."""

from __future__ import annotations

import hashlib
import hmac
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


def network_of(address: str, v4: int = 32, v6: int = 64) -> str:
    """What one person can have many of: an IPv6 client owns a whole /64. `v4` and `v6`: bits that tell them apart.

    >>> network_of("2001:db8::1"), network_of("203.0.113.5"), network_of("203.0.113.5", 24)
    ('2001:db8::/64', '203.0.113.5', '203.0.113.0/24')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    bits = v4 if parsed.version == 4 else v6
    whole = bits == parsed.max_prefixlen
    return str(parsed) if whole else str(ipaddress.ip_network((parsed, bits), strict=False))


def source(address: str, secret: str) -> str:
    """Which network an address belongs to, in a way that tells nobody the address: 8 hex digits of a keyed hash.

    Wider than what one person has (IPv4 /24, IPv6 /48): who floods has neighbours' addresses, too. It decides only
    whether calls to staff are bundled, never what a patient is told.
    """
    network = network_of(address, 24, 48)
    return hmac.new(secret.encode(), f"source\0{network}".encode(), hashlib.sha256).hexdigest()[:8]


def _peer(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else "unknown"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
