"""The most frequent keys of a stream in bounded memory (Metwally and others, "Space-Saving", 2005)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """How often a key came: at least ``count - error``, at most ``count``."""

    key: str
    count: int
    error: int


class SpaceSaving:
    """Counts ``size`` keys. A new one takes the place of the rarest, and its count as its error.

    Of N counted in all, no error exceeds N / size, and no key that came more often than that is absent.
    """

    def __init__(self, size: int) -> None:
        self.total = 0
        """All that was counted, N."""
        self._size = size
        self._counts: dict[str, list[int]] = {}
        """Count and error by key."""
        self._rarest: list[tuple[int, str]] = []
        """A heap. Entries whose count has grown since, or whose key is gone, are passed over."""
        self._forgotten = 0
        """The highest count of a key that had to go: no absent key came more often."""

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: str, times: int = 1) -> Estimate:
        """Count a key; return what is known of it now."""
        known = self._counts.get(key)
        if known is None:
            self._make_room()
            known = self._counts[key] = [self._forgotten, self._forgotten]
        known[0] += times
        self._note(key, times)
        return Estimate(key, *known)

    def put(self, estimate: Estimate) -> None:
        """Take over a key that somebody else has counted. It MUST NOT be here already."""
        self._make_room()
        self._counts[estimate.key] = [estimate.count, estimate.error]
        self._note(estimate.key, estimate.count)

    def remove(self, key: str) -> None:
        """Count a key no longer: somebody else does."""
        self._counts.pop(key, None)

    def halve(self) -> None:
        """Let the past weigh half, rounded up. What came once is forgotten."""
        self._counts = {
            key: [-(-count // 2), -(-error // 2)]
            for key, (count, error) in self._counts.items()
            if count > 1
        }
        self._rarest = sorted((count, key) for key, (count, _) in self._counts.items())
        self.total //= 2
        self._forgotten = -(-self._forgotten // 2)

    def top(self, number: int) -> list[Estimate]:
        """Return the keys with the highest counts, the highest first."""
        every = (Estimate(key, count, error) for key, (count, error) in self._counts.items())
        return heapq.nsmallest(number, every, key=lambda each: (-each.count, each.key))

    def _note(self, key: str, times: int) -> None:
        self.total += times
        heapq.heappush(self._rarest, (self._counts[key][0], key))
        if len(self._rarest) > 8 * self._size:
            self._rarest = sorted((count, each) for each, (count, _) in self._counts.items())

    def _make_room(self) -> None:
        """Forget the rarest key, if there is no room for another one."""
        while len(self._counts) >= self._size:
            count, key = heapq.heappop(self._rarest)
            known = self._counts.get(key)
            if known is not None and known[0] == count:
                del self._counts[key]
                self._forgotten = max(self._forgotten, count)
