"""Jitter is two things: downloads that differ from one another, and one that stutters (lab.md 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.measure.quantiles import median, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_BINS = 5
"""A download of fewer full bins is too short to stutter."""
_TYPICAL = 0.5
_HIGH = 0.95


def between(values: Sequence[float]) -> float | None:
    """Return the median absolute deviation by the median, or None of fewer than two values."""
    middle = median(values) if values else 0.0
    if len(values) < 2 or not middle:  # noqa: PLR2004  two values are the fewest that can differ
        return None
    return median([abs(value - middle) for value in values]) / middle


def within(bins: Sequence[int]) -> float | None:
    """Return how far the rate of one download swings: its P95 less its median, by its mean.

    Args:
        bins: bytes that came in equal spans of time. The last was cut short by the end, so it is left out.
    """
    full = bins[:-1]
    if len(full) < LEAST_BINS or not sum(full):
        return None
    return (quantile(full, _HIGH) - quantile(full, _TYPICAL)) / (sum(full) / len(full))
