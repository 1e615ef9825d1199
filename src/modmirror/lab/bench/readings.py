"""The numbers of a bench that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.results.bench import BenchResult, Distribution

METRICS = {
    **dict.fromkeys(("mean", "median", "p95", "p99"), "seconds"),
    "jitter": "ratio",
    "failed": "ratio",
    "speed": "bytes/s",
}
"""By name: the unit."""


def readings(result: BenchResult) -> list[Reading]:
    """Return every number: seconds, shares, and bytes a second."""
    found = [
        Reading(target, case, metric, value, METRICS[metric])
        for target, cases in result.targets.items()
        for case, distribution in cases.items()
        for metric, value in _of(distribution)
    ]
    speeds = [
        Reading(target, "zip-large", "speed", speed.receive.value, METRICS["speed"])
        for target, speed in result.speeds.items()
    ]
    return found + speeds


def _of(distribution: Distribution) -> Iterator[tuple[str, float | None]]:
    yield "mean", distribution.mean
    yield "median", distribution.median.value
    yield "p95", distribution.p95.value
    yield "p99", distribution.p99.value
    yield "jitter", distribution.jitter
    yield "failed", distribution.failed / distribution.tried if distribution.tried else None
