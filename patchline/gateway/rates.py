"""Rate limits: per conversation for messages, and for what comes from one network or from everywhere.

A network is what one person can have many addresses of: an IPv4 address, or an IPv6 /64. It may send ten times as much
as a conversation and begin three times as many (a patient needs one); all networks together have a ceiling, under which
the server still answers everybody in time. Whoever is refused is told the clinic's number.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from typing import cast

from limits import RateLimitItem, parse_many
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from patchline.gateway import client
from patchline.gateway.problems import Problem, Problems
from patchline.settings import SettingsError

ADDRESS_FACTOR = 10
NEW_FACTOR = 3
ALL_FACTOR = 60  # 30 a minute and conversation: 1,800 requests a minute from everywhere
SLOW_DOWN = (
    "That was too fast for me: this message was not read. Please wait {seconds} seconds and send it again. "
    "If you need help now, call the clinic line: {{line}}."
)


class Windows:
    """The times of recent hits by key, in the interface that `limits` asks of a storage.

    The library's own memory storage starts a thread for each hit and never drops a key; this one is bounded.
    """

    def __init__(self, keys: int = 50_000):
        self.keys = keys
        self.hits: OrderedDict[str, deque[float]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` hits, unless there would be more than `limit` within `expiry` seconds."""
        hits = self._recent(key, expiry)
        if len(hits) + amount > limit:
            return False
        hits.extend([time.time()] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The time of the window's oldest hit, and how many hits it holds."""
        hits = self._recent(key, expiry)
        return (hits[0] if hits else time.time(), len(hits))

    def _recent(self, key: str, expiry: int) -> deque[float]:
        hits = self.hits.setdefault(key, deque())
        self.hits.move_to_end(key)
        while len(self.hits) > self.keys:
            self.hits.popitem(last=False)
        start = time.time() - expiry
        while hits and hits[0] <= start:
            hits.popleft()
        return hits


class Rates:
    """The limits of one gateway. Raises `SettingsError` for a limit that cannot be read.

    Each check raises a 429 `Problem` that names the clinic line and says how long to wait.
    """

    def __init__(self, setting: str):
        self.per_conversation = None if setting.strip().lower() == "off" else _limit(setting)
        self._windows = Windows()
        self._limiter = MovingWindowRateLimiter(cast(Storage, self._windows))  # it calls nothing else of a storage

    @property
    def on(self) -> bool:
        return self.per_conversation is not None

    def check_message(self, conversation_id: str) -> None:
        """Count one message."""
        self._check(1, "conversation", conversation_id)

    def check_new(self, client_address: str) -> None:
        """Count one conversation that is begun."""
        self._check(NEW_FACTOR, "new", client.network_of(client_address))

    def check_address(self, client_address: str) -> None:
        """Count one request of an address; one that is refused takes nobody else's room."""
        self._check(ADDRESS_FACTOR, "address", client.network_of(client_address))
        self._check(ALL_FACTOR, "all")

    def _check(self, factor: int, *who: str) -> None:
        """Count a hit; `factor`: how many times the limit of a conversation there is room for."""
        if self.per_conversation is None:
            return
        limit = type(self.per_conversation)(self.per_conversation.amount * factor, self.per_conversation.multiples)
        if not self._limiter.hit(limit, *who):
            reset, _ = self._limiter.get_window_stats(limit, *who)
            seconds = max(1, math.ceil(reset - time.time()))
            raise Problem(429, SLOW_DOWN.format(seconds=seconds), headers={"Retry-After": str(seconds)})


def _limit(setting: str) -> RateLimitItem:
    try:
        (limit,) = parse_many(setting)
    except ValueError:
        limit = None
    if limit is None or limit.amount < 1 or limit.multiples < 1:
        raise SettingsError(f"PATCHLINE_RATE_LIMIT must look like '30/minute', or be 'off', not {setting!r}")
    return limit


class AddressLimit:
    """Middleware: the limit per client address on everything under /api."""

    def __init__(self, app: ASGIApp, rates: Rates, problems: Problems, trusted_proxies: tuple[str, ...]):
        self.app, self.rates, self.problems, self.trusted_proxies = app, rates, problems, trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            try:
                self.rates.check_address(client.address(scope, self.trusted_proxies))
            except Problem as problem:
                return await self.problems.response(problem)(scope, receive, send)
        await self.app(scope, receive, send)
