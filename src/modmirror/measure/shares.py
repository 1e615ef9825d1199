"""A share and how sure it is: Wilson's interval, which holds for few attempts and near 0 and 1."""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from modmirror.measure.quantiles import ALPHA


def wilson(ok: int, n: int, alpha: float = ALPHA) -> tuple[float, float]:
    """Return between what the true share lies when ``ok`` of ``n`` went well; (0, 1) of no attempts."""
    if not 0 <= ok <= n:
        raise ValueError(f"{ok} of {n} is no share")
    if n == 0:
        return 0.0, 1.0
    return wilson_of_share(ok / n, n, alpha)


def wilson_of_share(share: float, n: float, alpha: float = ALPHA) -> tuple[float, float]:
    """As :func:`wilson`, of a share that is as sure as one from ``n`` attempts, which need not be whole."""
    z = _z(alpha)
    weight = z * z / n
    middle = (share + weight / 2) / (1 + weight)
    reach = z * sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # Rounding must not put a bound past what was seen: all of n is never less than all.
    return max(0.0, min(middle - reach, share)), min(1.0, max(middle + reach, share))


def least_attempts(share: float, alpha: float = ALPHA) -> int:
    """Return how many attempts, all good, put the lower bound at ``share``: 381 for 99 %."""
    z = _z(alpha)
    return ceil(z * z * share / (1 - share))


def _z(alpha: float) -> float:
    return NormalDist().inv_cdf(1 - alpha / 2)
