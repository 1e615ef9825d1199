"""Quantiles of a sample and how sure they are: intervals from order statistics (lab.md 2.4).

How many of ``n`` values lie below the true quantile is a binomial count, whatever the values are. So two of
the sorted values, at ranks that the binomial law names, hold the true quantile between them in at least 95
of 100 runs. Too few values for both ranks to exist is no interval: the caller says "n too small".
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, exp, lgamma, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALPHA = 0.05
"""Share of runs whose interval may miss the truth."""
_MEDIAN = 0.5
_FAR = 9.0
"""Standard deviations beyond which a binomial count holds nothing that a float could show."""


class Interval(NamedTuple):
    """A number made from ``n`` values, and between what it lies."""

    value: float
    low: float
    high: float
    n: int


def quantile(values: Sequence[float], q: float) -> float:
    """Return the ``q`` quantile (0 to 1) of at least one value; between two values, their mixture."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a quantile needs at least one value")
    place = q * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Sequence[float]) -> float:
    """Return the middle of at least one value."""
    return quantile(values, _MEDIAN)


def interval(values: Sequence[float], q: float, alpha: float = ALPHA) -> Interval | None:
    """Return the ``q`` quantile with its interval, or None where there are too few values for one."""
    ordered = sorted(values)
    ranks = interval_ranks(len(ordered), q, alpha)
    if ranks is None:
        return None
    low, high = ranks
    return Interval(quantile(ordered, q), ordered[low - 1], ordered[high - 1], len(ordered))


def least_n(q: float, alpha: float = ALPHA) -> int:
    """Return the fewest values that give the ``q`` quantile an interval: 72 for P95, 368 for P99."""
    rarer = max(q, 1 - q)
    return ceil(log(alpha / 2) / log(rarer))


@lru_cache(maxsize=1024)
def interval_ranks(n: int, q: float, alpha: float = ALPHA) -> tuple[int, int] | None:
    """Return the ranks, from 1, of the sorted values that hold the true ``q`` quantile between them."""
    if n < least_n(q, alpha):
        return None
    low, high = 1, n
    for count, below in _binomial(n, q):
        if below <= alpha / 2:
            low = count + 1
        if below >= 1 - alpha / 2:
            high = count + 1
            break
    return low, high


def _binomial(n: int, q: float) -> Iterator[tuple[int, float]]:
    """Yield each count and the chance of at most that many, without the far ends, where it is 0 or 1."""
    mean, spread = n * q, sqrt(n * q * (1 - q))
    below = 0.0
    for count in range(max(0, int(mean - _FAR * spread)), min(n, ceil(mean + _FAR * spread) + 1)):
        choices = lgamma(n + 1) - lgamma(count + 1) - lgamma(n - count + 1)
        below += exp(choices + count * log(q) + (n - count) * log(1 - q))
        yield count, below
