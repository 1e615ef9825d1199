"""How good a mirror is in each respect, from 0 to 1, and one score of all (lab.md 7).

Times and speeds are compared with the best that was measured, as ratios. The score is a weighted geometric
mean, so a mirror twice as slow loses the same share of its score whoever else took part.
"""

from __future__ import annotations

from math import exp, fsum, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WEIGHTS = {
    "availability": 0.20,
    "coverage": 0.20,
    "freshness": 0.15,
    "latency": 0.15,
    "speed": 0.15,
    "tail": 0.10,
    "protocol": 0.05,
}
"""What each dimension weighs. Those that were not measured leave their weight to the others."""

LATENCY_STEP = 0.005
"""Seconds that nobody notices in one request: two mirrors in one rack are both fast."""
LAG_STEP = 60.0
"""Seconds of delay that any mirror has that caches lists for a minute."""
USELESS_AVAILABILITY = 0.95
USELESS_COVERAGE = 0.90
_LEAST = 1e-6
"""A part of 0 must not hide in what else a mirror is worse."""


def smaller_is_better(value: float, best: float, step: float) -> float:
    """Return how near a time is to the best one. Differences far below ``step`` count for nothing."""
    return (best + step) / (max(value, best) + step)


def larger_is_better(value: float, best: float) -> float:
    """Return how near a rate is to the best one."""
    return min(value / best, 1.0) if best > 0 else 0.0


def nearly_all(share: float, useless: float) -> float:
    """Return how near a share is to all; at ``useless`` and below it is worth nothing."""
    return max(0.0, (share - useless) / (1 - useless))


def weights_for(measured: Collection[str]) -> dict[str, float]:
    """Return the weights of what was measured, which sum up to 1."""
    kept = {name: weight for name, weight in WEIGHTS.items() if name in measured}
    total = fsum(kept.values())
    return {name: weight / total for name, weight in kept.items()}


def score(parts: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Return the weighted geometric mean of the parts, 0 to 1."""
    return exp(fsum(weight * log(max(parts[name], _LEAST)) for name, weight in weights.items()))
