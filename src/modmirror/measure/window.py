"""How often something happened in the last seconds and minutes: two rings of exact counts."""

from __future__ import annotations

SLOTS = 60
"""Of each ring: 60 seconds, and 60 minutes."""


class Ring:
    """Counts in ``SLOTS`` slots of ``width`` seconds each; the newest is still being filled."""

    __slots__ = ("_counts", "_newest", "_width")

    def __init__(self, width: int) -> None:
        self._width = width
        self._newest = 0
        self._counts = [0] * SLOTS

    def add(self, times: int, now: float) -> None:
        """Count at ``now``, in seconds on any clock. What comes late counts for the newest slot."""
        self._advance(now)
        self._counts[self._newest % SLOTS] += times

    def sum(self, slots: int, now: float) -> int:
        """Return the sum of the newest ``slots`` slots, the one being filled included."""
        self._advance(now)
        return sum(self._counts[(self._newest - back) % SLOTS] for back in range(min(slots, SLOTS)))

    def _advance(self, now: float) -> None:
        slot = int(now // self._width)
        passed = slot - self._newest
        if passed <= 0:
            return
        for each in range(self._newest + 1, self._newest + 1 + min(passed, SLOTS)):
            self._counts[each % SLOTS] = 0
        self._newest = slot


class Window:
    """Exact counts of the last minute and the last hour."""

    __slots__ = ("_minutes", "_seconds")

    def __init__(self) -> None:
        self._seconds = Ring(1)
        self._minutes = Ring(60)

    def add(self, times: int, now: float) -> None:
        """Count at ``now``."""
        self._seconds.add(times, now)
        self._minutes.add(times, now)

    def last_seconds(self, seconds: int, now: float) -> int:
        """Return the count of up to 60 seconds, this one included."""
        return self._seconds.sum(seconds, now)

    def last_minutes(self, minutes: int, now: float) -> int:
        """Return the count of up to 60 minutes, this one included: it is not over yet."""
        return self._minutes.sum(minutes, now)
