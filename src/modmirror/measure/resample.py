"""Resampling: how sure a number is whose law nobody knows, as a ratio of medians, a speed or a whole score.

For means, ratios, speeds and scores only. For a quantile of few values it promises far more than it holds
(lab.md 2.4): those have :mod:`modmirror.measure.quantiles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from modmirror.measure.quantiles import ALPHA, Interval, least_n, quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

DRAWS = 1000
_MEDIAN = 0.5


class Chance(Protocol):
    """Where randomness comes from: a seeded :class:`random.Random`, so that a report can be made again."""

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        ...


def resampled(items: Sequence[T], chance: Chance) -> list[T]:
    """Draw as many items as there are, with replacement."""
    count = len(items)
    return [items[int(chance.random() * count)] for _ in range(count)]


def shuffled(items: Sequence[T], chance: Chance) -> list[T]:
    """Return the items in a random order."""
    left = list(items)
    for last in range(len(left) - 1, 0, -1):
        other = int(chance.random() * (last + 1))
        left[last], left[other] = left[other], left[last]
    return left


def redrawn(ok: int, n: int, chance: Chance) -> float:
    """Draw a share as it might have come out, had the ``n`` attempts been made again."""
    return sum(chance.random() * n < ok for _ in range(n)) / n


def bootstrap(
    items: Sequence[T],
    statistic: Callable[[Sequence[T]], float],
    chance: Chance,
    *,
    draws: int = DRAWS,
    alpha: float = ALPHA,
) -> Interval | None:
    """Return a statistic with its interval, or None of fewer items than a median needs.

    What belongs together, as all that was measured in one block, is one item.
    """
    if len(items) < least_n(_MEDIAN, alpha):
        return None
    drawn = sorted(statistic(resampled(items, chance)) for _ in range(draws))
    return Interval(
        statistic(items), quantile(drawn, alpha / 2), quantile(drawn, 1 - alpha / 2), len(items)
    )
