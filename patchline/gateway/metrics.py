"""Counters for Prometheus: requests, how long a message takes, answers by topic, fallbacks by reason, escalations."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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
        self._escalations = Counter(
            "patchline_escalations", "Messages with a warning sign.", ["tier", "source"], registry=self.registry
        )
        self._late = Counter(
            "patchline_escalations_late", "Of these, found after the patient was answered.", registry=self.registry
        )
        self._spooled = Counter(
            "patchline_escalations_spooled", "Of these, not taken by the database at once.", registry=self.registry
        )
        self._waiting = Gauge(
            "patchline_escalations_waiting", "Not on record yet, by where kept.", ["where"], registry=self.registry
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

    def escalation(self, tier: str, source: str, late: bool) -> None:
        """Count one message with a warning sign."""
        self._escalations.labels(tier, source).inc()
        if late:
            self._late.inc()

    def spooled(self) -> None:
        """Count one that the database did not take at once."""
        self._spooled.inc()

    def watch_waiting(self, on_disk: Callable[[], int], in_memory: Callable[[], int]) -> None:
        """Where to read how many escalations wait."""
        self._waiting.labels("disk").set_function(on_disk)
        self._waiting.labels("memory").set_function(in_memory)

    def page(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self.registry)
