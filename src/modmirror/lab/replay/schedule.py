"""How long requests take side by side that were made one after another. Pure."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def makespan(chains: Iterable[float], lanes: int) -> float:
    """Return when the last of several chains is over, given the seconds of each.

    Each chain is begun, in order, on the lane that is free first: that is how the go command takes the next
    module when one is done.
    """
    free = [0.0] * lanes
    for seconds in chains:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)
