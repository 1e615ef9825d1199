"""Counts of answers, kept as plain integers.

Each request is counted, and a library's counter takes a lock and several calls: more than everything else
a hit from memory does. Here it is three dictionary steps; the rest happens when somebody looks.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from modmirror.telemetry.metrics import REQUEST_BUCKETS, SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

_BUCKETS = len(REQUEST_BUCKETS) + 1
_BOUNDS = [*map(str, REQUEST_BUCKETS), "+Inf"]
_HELP = {spec.name: spec.help for spec in SPECS}


class _Durations:
    """One histogram: how many fell into each bucket, and the sum."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * _BUCKETS
        self.total = 0.0


class AnswerTally:
    """Requests by kind, status and cache state; their durations; the bytes of their answers."""

    def __init__(self) -> None:
        self._size = 0
        self._requests: dict[tuple[str, int, str], int] = {}
        self._durations: dict[tuple[str, str], _Durations] = {}

    def add(self, kind: str, status: int, cache: str, *, seconds: float, size: int) -> None:
        """Count one answer. For one thread only; another one may collect meanwhile."""
        requests = self._requests
        key = (kind, status, cache)
        requests[key] = requests.get(key, 0) + 1
        durations = self._durations.get((kind, cache))
        if durations is None:
            durations = self._durations[kind, cache] = _Durations()
        durations.counts[bisect_left(REQUEST_BUCKETS, seconds)] += 1
        durations.total += seconds
        self._size += size

    def collect(self) -> Iterator[Metric]:
        """Yield the three metrics as they stand now."""
        requests = _counter("modproxy_requests_total", "kind", "status", "cache")
        # list() takes a picture in one step, whatever the event loop adds meanwhile.
        for (kind, status, cache), count in list(self._requests.items()):
            requests.add_metric([kind, str(status), cache], count)
        yield requests
        name = "modproxy_request_seconds"
        seconds = HistogramMetricFamily(name, _HELP[name], labels=["kind", "cache"])
        for (kind, cache), durations in list(self._durations.items()):
            seconds.add_metric([kind, cache], _cumulative(list(durations.counts)), durations.total)
        yield seconds
        size = _counter("modproxy_response_bytes_total")
        size.add_metric([], self._size)
        yield size


def _counter(name: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, _HELP[name], labels=labels)


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    """Each bucket of the text format counts the smaller ones too."""
    reached = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip(_BOUNDS, counts, strict=True):
        reached += count
        buckets.append((bound, reached))
    return buckets
