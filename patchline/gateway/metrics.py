"""Counters for Prometheus: requests, how long a message takes, answers by topic, fallbacks by reason."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 4, 6, 8)  # seconds


class Metrics:
    """The numbers of one gateway. Labels come from fixed sets, so that no client can make them grow."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "patchline_requests", "Requests answered.", ["route", "method", "status"], registry=self.registry
        )
        self._latency = Histogram(
            "patchline_message_seconds", "From a message to its reply.", registry=self.registry, buckets=BUCKETS
        )
        self._answers = Counter("patchline_answers", "Answers given.", ["topic"], registry=self.registry)
        self._fallbacks = Counter(
            "patchline_fallbacks", "Messages that Rasa did not answer.", ["reason"], registry=self.registry
        )
        for reason in ("timeout", "refused", "error", "empty"):
            self._fallbacks.labels(reason)  # a rate needs the zero before the first one

    @staticmethod
    def method(name: str) -> str:
        return name if name in METHODS else "other"

    def request(self, route: str, method: str, status: int) -> None:
        self._requests.labels(route, self.method(method), str(status)).inc()

    def message(self, seconds: float, topic: str | None, reason: str | None) -> None:
        """Count one reply: its topic, and the reason when Rasa gave none."""
        self._latency.observe(seconds)
        self._answers.labels(topic or "none").inc()
        if reason:
            self._fallbacks.labels(reason).inc()

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)
