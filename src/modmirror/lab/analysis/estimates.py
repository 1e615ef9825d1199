"""The numbers of :mod:`modmirror.measure` in the shapes of :mod:`modmirror.lab.results`."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from modmirror.lab.results.estimates import Estimate, Share
from modmirror.measure.quantiles import interval
from modmirror.measure.shares import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.measure.quantiles import Interval


def estimate(found: Interval | None, n: int) -> Estimate:
    """Return an interval that was made from ``n`` values, or that they were too few."""
    return Estimate(n=n) if found is None else Estimate(found.value, found.low, found.high, n)


def quantile_estimate(values: Sequence[float], q: float) -> Estimate:
    """Return the ``q`` quantile with its interval by order statistics."""
    return estimate(interval(values, q), len(values))


def ratio_estimate(logarithms: Interval | None, n: int) -> Estimate:
    """Return a ratio from what was found of its logarithm."""
    if logarithms is None:
        return Estimate(n=n)
    return Estimate(exp(logarithms.value), exp(logarithms.low), exp(logarithms.high), n)


def share_of(ok: int, n: int) -> Share:
    """Return ``ok`` of ``n`` with Wilson's interval."""
    return Share(ok, n, *wilson(ok, n))
