"""When requests of an open loop are to begin. Pure.

Decided before the first is sent: a slow server cannot delay its own examination (lab.md 2.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Arrivals: TypeAlias = Literal["poisson", "constant"]


class Chance(Protocol):
    """A seeded source of chance, as ``random.Random`` is."""

    def expovariate(self, lambd: float, /) -> float:
        """Return a waiting time with the mean ``1 / lambd``."""
        ...


def instants(arrivals: Arrivals, rate: float, seconds: float, chance: Chance) -> Iterator[float]:
    """Yield seconds from the beginning, in order, below ``seconds``: ``rate`` each second on average.

    ``poisson`` is how many independent clients arrive; ``constant`` finds what needs evenness.
    """
    if arrivals == "constant":
        # Multiplied, not added up: a sum would drift.
        yield from (number / rate for number in range(_below(rate, seconds)))
        return
    instant = chance.expovariate(rate)
    while instant < seconds:
        yield instant
        instant += chance.expovariate(rate)


def _below(rate: float, seconds: float) -> int:
    count = int(rate * seconds)
    return count + 1 if count / rate < seconds else count
