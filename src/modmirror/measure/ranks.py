"""Which of two is smaller, told from ranks alone: no law of the values is assumed, no outlier decides.

*Paired* values were measured in the same block, so what slows both down cancels (lab.md 2.4): their
differences, or logarithms of ratios, go to :func:`signed_rank` and :func:`shift`. Values without pairs, as
of two runs on different days, go to :func:`mann_whitney`. All p values are two-sided.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, groupby
from math import comb, erfc, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from modmirror.measure.quantiles import ALPHA, Interval, median

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXACT_PAIRS = 30
"""Up to so many pairs the distribution is counted out; beyond, the normal law is as good."""
_EXACT_PRODUCT = 400
"""Up to so many combinations of two values Mann-Whitney is counted out."""


def midranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    done = 0
    for _, equal in groupby(order, key=values.__getitem__):
        places = list(equal)
        for place in places:
            ranks[place] = done + (len(places) + 1) / 2
        done += len(places)
    return ranks


def signed_rank(differences: Sequence[float]) -> float:
    """Return Wilcoxon's p that differences of pairs lie around 0. Those that are 0 are left out."""
    told = [difference for difference in differences if difference]
    if not told:
        return 1.0
    ranks = midranks([abs(difference) for difference in told])
    up = sum(rank for rank, difference in zip(ranks, told, strict=True) if difference > 0)
    if len(told) <= _EXACT_PAIRS:
        return _exact_signed_rank(ranks, up)
    # With a continuity correction. Ties need none of their own: the squares of the ranks know about them.
    spread = sqrt(sum(rank * rank for rank in ranks)) / 2
    return _two_sided(max(abs(up - sum(ranks) / 2) - 0.5, 0) / spread)


def shift(differences: Sequence[float], alpha: float = ALPHA) -> Interval | None:
    """Return by how much pairs differ (Hodges-Lehmann) with its interval, or None of too few pairs.

    The interval leaves out 0 exactly when :func:`signed_rank` is below ``alpha``, but for ties.
    """
    n = len(differences)
    cut = _signed_rank_cut(n, alpha)
    if cut is None:
        return None
    ordered = sorted(differences)
    averages = sorted((low + high) / 2 for at, low in enumerate(ordered) for high in ordered[at:])
    return Interval(median(averages), averages[cut], averages[-1 - cut], n)


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the p that values of both come from one law. Nothing in one of them is no evidence: 1."""
    if not first or not second:
        return 1.0
    n, m = len(first), len(second)
    both = [*first, *second]
    ranks = midranks(both)
    above = sum(ranks[:n]) - n * (n + 1) / 2
    away = abs(above - n * m / 2)
    if n * m <= _EXACT_PRODUCT and len(set(both)) == n + m:
        ways = _mann_whitney_ways(n, m)
        return min(1.0, 2 * sum(ways[: int(n * m / 2 - away) + 1]) / comb(n + m, n))
    ties = sum(size**3 - size for size in _runs(both))
    spread = sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
    return _two_sided(max(away - 0.5, 0) / spread) if spread else 1.0


def least_p(n: int, m: int) -> float:
    """Return the smallest p that :func:`mann_whitney` can give for so many values."""
    return 2 / comb(n + m, n)


def _two_sided(z: float) -> float:
    return erfc(z / sqrt(2))


def _runs(values: Sequence[float]) -> list[int]:
    return [sum(1 for _ in equal) for _, equal in groupby(sorted(values))]


def _subset_sums(weights: Sequence[int]) -> list[int]:
    """Return how many subsets of the weights have each sum."""
    ways = [1]
    for weight in weights:
        longer = ways + [0] * weight
        for total, count in enumerate(ways):
            longer[total + weight] += count
        ways = longer
    return ways


def _exact_signed_rank(ranks: Sequence[float], up: float) -> float:
    # Twice the ranks are whole numbers, ties or not.
    ways = _subset_sums([round(2 * rank) for rank in ranks])
    lower = min(round(2 * up), len(ways) - 1 - round(2 * up))
    return min(1.0, 2 * sum(ways[: lower + 1]) / (1 << len(ranks)))


@lru_cache(maxsize=256)
def _signed_rank_cut(n: int, alpha: float) -> int | None:
    """Return how many averages to leave out at each end for an interval of pairs."""
    if n <= _EXACT_PAIRS:
        within = list(accumulate(_subset_sums(range(1, n + 1))))
        rare = sum(count / 2**n <= alpha / 2 for count in within)
        return rare - 1 if rare else None
    z = NormalDist().inv_cdf(1 - alpha / 2)
    cut = int(n * (n + 1) / 4 - z * sqrt(n * (n + 1) * (2 * n + 1) / 24) - 0.5)
    return cut if cut >= 0 else None


@lru_cache(maxsize=64)
def _mann_whitney_ways(n: int, m: int) -> list[int]:
    """Return how many orders of n and m values have each count of pairs out of order."""
    ways = [1] + [0] * (n * m)
    for step in range(1, n + 1):
        for total in range(n * m, m + step - 1, -1):
            ways[total] -= ways[total - m - step]
        for total in range(step, n * m + 1):
            ways[total] += ways[total - step]
    return ways
