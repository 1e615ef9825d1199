"""Resampling: how sure a number is whose law nobody knows, as a whole score made of many measurements.

For a quantile of few values it promises far more than it holds (lab.md 2.4): those have
:mod:`modmirror.measure.quantiles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Chance(Protocol):
    """Where randomness comes from: a seeded :class:`random.Random`, so that a report can be made again."""

    def random(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        ...


def resampled(items: Sequence[T], chance: Chance) -> list[T]:
    """Draw as many items as there are, with replacement."""
    count = len(items)
    return [items[int(chance.random() * count)] for _ in range(count)]


def redrawn(ok: int, n: int, chance: Chance) -> float:
    """Draw a share as it might have come out, had the ``n`` attempts been made again."""
    return sum(chance.random() * n < ok for _ in range(n)) / n
