"""What Prometheus may ask: how many checks with which outcome, how long they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from ecert.verify.verdict import Verdict


class Metrics:
    """The figures of one process.  No label ever holds anything that was scanned.

    Attributes:
        registry: What is told.
        requests: Requests by route, method and status.
        seconds: How long requests took, by route.
        verdicts: Verdicts by outcome and reason.
        list_age: Seconds since each list was made, by slot.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ecert_requests", "Requests", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "ecert_request_seconds",
            "Seconds that a request took",
            ("route",),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3),
            registry=self.registry,
        )
        self.verdicts = Counter(
            "ecert_verdicts", "Verdicts", ("outcome", "reason"), registry=self.registry
        )
        self.list_age = Gauge(
            "ecert_list_age_seconds", "Age of a list in force", ("list",), registry=self.registry
        )

    def count(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.verdicts.labels(verdict.outcome.value, verdict.reason.value).inc()
