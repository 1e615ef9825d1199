"""Whether a series began slowly: its first values are warm-up, are left out, and counted (lab.md 2.4).

A running median that comes to rest would stop at the first lucky stretch of a noisy series. Instead the
ranks of the first values are held against those of all others, at every place where a change may be.
Slow first values are not enough: what becomes faster all the time, or is slow now and then, is a drift. So
the change must be the clearest one of the whole series, early, and nothing later may come near it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log, sqrt
from statistics import fmean
from typing import TYPE_CHECKING

from modmirror.measure.quantiles import median, quantile
from modmirror.measure.ranks import mann_whitney, midranks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALPHA = 0.01
"""Share of steady runs in which something may be taken for warm-up, if blocks are independent. In runs
whose slow moments last for several blocks it is a few times as much."""
STEADY = 20
"""Values that must remain after the change."""
MOST = 0.25
"""Share of a series that may be warm-up: what takes longer is a change of the world."""
_LEAST_SPREAD = 0.001
"""Of logarithms between quartiles; a clock that hardly moves must not make a case weigh more than all."""
_FEWEST = 2
"""One slow value is an accident; medians do not feel it."""
_LEAST_RATIO = 1.02
"""A level that is higher by less is the same level."""
_OUTSTANDING = 2.0
"""By how much more than any stretch of the same length later the first values must stand out."""


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A slow beginning."""

    count: int
    """So many of the first blocks."""
    ratio: float
    """Median time in them by that in all later ones; of several cases, the one in the middle."""
    p: float
    """Chance that a steady run has so slow a beginning, wherever that may end."""


def room_for(n: int) -> int:
    """Return how many of ``n`` values may be warm-up at most; 0: too few to tell."""
    most = min(int(n * MOST), n - STEADY)
    return most if most >= _FEWEST else 0


def warm_up(cases: Sequence[Mapping[int, float]], alpha: float = ALPHA) -> WarmUp | None:
    """Return the slow beginning of what was measured in blocks, or None of what has none.

    Args:
        cases: for each thing that was measured, logarithms of times by number of the block.
        alpha: share of steady runs in which a beginning may be found. Ranks assume no law, and every place
            of the change is paid for (Bonferroni), so that it is never exceeded.
    """
    blocks, scores = _combined(cases)
    most = room_for(len(scores))
    if not 0 < _clearest_fall(scores) <= most:
        return None
    count = min(range(_FEWEST, most + 1), key=lambda end: _left_over(scores, end))
    higher = _higher(cases, blocks[count])
    if higher < log(_LEAST_RATIO) or not _stands_out(scores, count):
        return None
    p = most * min(mann_whitney(scores[:end], scores[end:]) for end in range(1, most + 1))
    return WarmUp(count, exp(higher), p) if p < alpha else None


def _combined(cases: Sequence[Mapping[int, float]]) -> tuple[list[int], list[float]]:
    """Return the blocks, and how slow each was: the mean over cases, each by its own level and spread.

    A case that jumps between two levels, as one with delayed acknowledgements, would else drown the others.
    """
    scores: dict[int, list[float]] = defaultdict(list)
    for case in filter(None, cases):
        low, level, high = (quantile(list(case.values()), q) for q in (0.25, 0.5, 0.75))
        spread = max(high - low, _LEAST_SPREAD)
        for block, value in case.items():
            scores[block].append((value - level) / spread)
    blocks = sorted(scores)
    return blocks, [fmean(scores[block]) for block in blocks]


def _higher(cases: Sequence[Mapping[int, float]], until: int) -> float:
    """Return by how much times before a block were longer than from there on: the median over cases."""
    found = []
    for case in cases:
        first = [value for block, value in case.items() if block < until]
        later = [value for block, value in case.items() if block >= until]
        if first and later:
            found.append(median(first) - median(later))
    return median(found)


def _clearest_fall(values: Sequence[float]) -> int:
    """Return about where the level changed most clearly in the whole series; 0 when it rose there.

    In standard deviations of the rank sums: their plain distance from chance drifts towards the middle.
    """
    n = len(values)
    sums = accumulate(midranks(values))
    above = [
        (total - done * (n + 1) / 2) / sqrt(done * (n - done))
        for done, total in zip(range(1, n), sums, strict=False)
    ]
    clearest = max(range(1, n), key=lambda done: abs(above[done - 1]), default=0)
    return clearest if clearest and above[clearest - 1] > 0 else 0


def _left_over(values: Sequence[float], count: int) -> float:
    """Return what two levels, one before and one after, do not explain.

    Ranks say that there was a change; where it was, distances say more sharply.
    """
    parts = (values[:count], values[count:])
    return sum(abs(value - level) for part in parts for level in (median(part),) for value in part)


def _stands_out(values: Sequence[float], count: int) -> bool:
    """Say whether the first values lie so far above the later ones that no later stretch comes near."""
    later = values[count:]
    level = median(later)
    stretches = (median(later[start : start + count]) for start in range(len(later) - count + 1))
    return median(values[:count]) - level >= _OUTSTANDING * (max(stretches) - level)
