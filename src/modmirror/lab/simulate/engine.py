"""Virtual time: a heap of things to do, each at its moment. Nothing waits, nothing reads a clock."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """Something to be done later, unless it is cancelled."""

    __slots__ = ("act", "cancelled")

    def __init__(self, act: Callable[[], None]) -> None:
        self.act = act
        self.cancelled = False

    def cancel(self) -> None:
        """Do not do it. Safe to call at any time."""
        self.cancelled = True


class Engine:
    """The clock of a simulation. What is due at the same moment happens in the order it was planned."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._heap: list[tuple[float, int, Timer]] = []

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Plan something ``seconds`` from now."""
        return self.at(self.now + seconds, act)

    def at(self, moment: float, act: Callable[[], None]) -> Timer:
        """Plan something at a moment that is not over."""
        timer = Timer(act)
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), timer))
        return timer

    def run(self, until: float) -> None:
        """Do everything that is planned up to ``until`` seconds."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, timer = heapq.heappop(self._heap)
            if not timer.cancelled:
                timer.act()
        self.now = max(self.now, until)
