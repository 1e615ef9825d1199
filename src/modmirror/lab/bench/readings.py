"""The numbers of a bench that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.errors import ConfigError
from modmirror.lab.thresholds import Reading
from modmirror.measure.quantiles import least_n

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from modmirror.lab.results.bench import BenchResult, Distribution
    from modmirror.lab.thresholds import Threshold

METRICS = {
    **dict.fromkeys(("mean", "median", "p95", "p99"), "seconds"),
    "jitter": "ratio",
    "failed": "ratio",
    "speed": "bytes/s",
}
"""By name: the unit."""
_NEEDED = {"p95": least_n(0.95), "p99": least_n(0.99)}
"""Answers that it takes to tell a quantile."""


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


def least_blocks(bars: Iterable[Threshold], blocks: int, key: str, more: str) -> int:
    """Return the blocks that it takes to judge all bars: a block has one answer for each case.

    Args:
        bars: over numbers of a bench, and others.
        blocks: how many are planned.
        key: where the bars were set.
        more: how to plan more, with ``{}`` for the number.

    Raises:
        ConfigError: one needs more than are planned.
    """
    least = 0
    for bar in bars:
        needed = _NEEDED.get(bar.metric, 0)
        if needed > blocks:
            hint = f"{more.format(needed)}, or ask for the median"
            raise ConfigError(key, f'"{bar.text}" needs {needed} answers, one a block', hint=hint)
        least = max(least, needed)
    return least


def _of(distribution: Distribution) -> Iterator[tuple[str, float | None]]:
    yield "mean", distribution.mean
    yield "median", distribution.median.value
    yield "p95", distribution.p95.value
    yield "p99", distribution.p99.value
    yield "jitter", distribution.jitter
    yield "failed", distribution.failed / distribution.tried if distribution.tried else None
