"""Where a series has become steady: what came before is warm-up and is left out, and counted (lab.md 2.4).

A running median that comes to rest would stop at the first lucky stretch of a noisy series. Sums of ranks
tell how likely chance alone made the level change (Pettitt's test), and where it most clearly did.
"""

from __future__ import annotations

from itertools import accumulate
from math import exp, sqrt
from typing import TYPE_CHECKING

from modmirror.measure.quantiles import median
from modmirror.measure.ranks import midranks

if TYPE_CHECKING:
    from collections.abc import Sequence

STEADY = 20
"""Values that must remain after the change."""
_LEAST_CHANGE = 0.02
"""A level that changes by less is the same level."""
_P = 0.01


def warm_from(values: Sequence[float]) -> int:
    """Return how many of the first values to leave out, at most half; 0 when no level changed."""
    n = len(values)
    change, departure = _change(values)
    if not 0 < change <= n // 2 or n - change < STEADY:
        return 0
    if 2 * exp(-6 * departure**2 / (n**3 + n**2)) >= _P:
        return 0
    before, after = median(values[:change]), median(values[change:])
    return change if abs(before - after) > _LEAST_CHANGE * after else 0


def _change(values: Sequence[float]) -> tuple[int, float]:
    """Return after how many values the level changed, if it did, and how far rank sums depart from chance.

    The farthest departure drifts towards the middle of the series; in standard deviations it does not.
    """
    n = len(values)
    sums = list(accumulate(midranks(values)))[:-1]
    departures = [abs(2 * total - done * (n + 1)) for done, total in enumerate(sums, start=1)]
    clearest = max(range(1, n), key=lambda done: departures[done - 1] / sqrt(done * (n - done)), default=0)
    return clearest, max(departures, default=0.0)
