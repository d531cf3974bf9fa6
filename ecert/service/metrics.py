"""What Prometheus may ask: how many checks with which outcome, how long they took.

With several processes each keeps its figures in files of one folder, named by the variable
``PROMETHEUS_MULTIPROC_DIR``, and whichever is asked adds them all up; those of a process that has
died stay, so that no counter falls.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prometheus_client import Metric

    from ecert.verify.verdict import Verdict

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Set before the processes start, and read by the Prometheus client when it is loaded."""


class Metrics:
    """The figures of the service.  No label ever holds anything that was scanned.

    Attributes:
        requests: Requests by route, method and status.
        seconds: How long requests took, by route.
        verdicts: Verdicts by outcome and reason.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "ecert_requests", "Requests", ("route", "method", "status"), registry=self._registry
        )
        self.seconds = Histogram(
            "ecert_request_seconds",
            "Seconds that a request took",
            ("route",),
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3),
            registry=self._registry,
        )
        self.verdicts = Counter(
            "ecert_verdicts", "Verdicts", ("outcome", "reason"), registry=self._registry
        )

    def count(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.verdicts.labels(verdict.outcome.value, verdict.reason.value).inc()

    def text(self, ages: Mapping[str, float]) -> bytes:
        """Return the figures of all processes, and how old each list is, in Prometheus' format.

        Args:
            ages: Seconds since each list in force was made, by slot.
        """
        whole = self._registry
        if FOLDER_VARIABLE in os.environ:
            whole = CollectorRegistry()
            MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        now = CollectorRegistry()
        now.register(_Ages(ages))
        return generate_latest(whole) + generate_latest(now)


class _Ages(Collector):
    def __init__(self, ages: Mapping[str, float]) -> None:
        self._ages = ages

    def collect(self) -> Iterable[Metric]:
        family = GaugeMetricFamily(
            "ecert_list_age_seconds", "Age of a list in force", labels=["list"]
        )
        for slot, seconds in self._ages.items():
            family.add_metric([slot], seconds)
        yield family
