"""Counts for Prometheus. Every label has a closed set of values; none comes from what a caller typed."""

from __future__ import annotations

import os
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One application's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "matcher_requests", "Requests answered", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "matcher_request_seconds", "Time to answer", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.suggestions = Counter("matcher_suggestions", "Services suggested", registry=self.registry)
        self.empty = Counter("matcher_empty_answers", "Consultations for which nothing fits", registry=self.registry)
        self.reloads = Counter("matcher_reloads", "Catalogues offered", ["result"], registry=self.registry)
        self.failures = Counter("matcher_failures", "Errors on our side", registry=self.registry)
        self.last_reload_ok = self._gauge("matcher_last_reload_ok", "1 when the last catalogue offered was taken")
        self.services = self._gauge("matcher_catalogue_services", "Services in the catalogue being served")
        self.taken = self._gauge("matcher_catalogue_taken_seconds", "When the catalogue was taken, seconds since 1970")

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry, multiprocess_mode="mostrecent")

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def reloaded(self, result: str, services: int | None = None) -> None:
        """Count one catalogue offered: ``taken``, ``unchanged`` or ``refused``."""
        self.reloads.labels(result).inc()
        self.last_reload_ok.set(0 if result == "refused" else 1)
        if services is not None:
            self.services.set(services)
            self.taken.set(time.time())

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format, over all workers where there are several."""
        if MULTIPROCESS_VARIABLE not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
