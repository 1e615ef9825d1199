"""What extra requests may cost: hedges, retries and probes live on a share of the traffic (lab.md 4.3)."""

from __future__ import annotations

from collections import deque


class Tokens:
    """A bucket that each request fills a little. It begins full."""

    def __init__(self, per_request: float, burst: float) -> None:
        self.left = burst
        self._per_request = per_request
        self._burst = burst

    def request(self) -> None:
        """Count a request."""
        self.left = min(self._burst, self.left + self._per_request)

    def take(self) -> bool:
        """Spend one token, if there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Recent:
    """Counts what happened within the last seconds, exact to a tenth of them."""

    def __init__(self, seconds: float = 10.0) -> None:
        self.seconds = seconds
        self._step = seconds / 10
        self._buckets: deque[tuple[int, int]] = deque()
        self._total = 0

    def add(self, now: float) -> None:
        """Count one."""
        bucket = int(now // self._step)
        if self._buckets and self._buckets[-1][0] == bucket:
            self._buckets[-1] = (bucket, self._buckets[-1][1] + 1)
        else:
            self._buckets.append((bucket, 1))
        self._total += 1

    def count(self, now: float) -> int:
        """Return how many there were."""
        oldest = int(now // self._step) - 10
        while self._buckets and self._buckets[0][0] <= oldest:
            self._total -= self._buckets.popleft()[1]
        return self._total

    def rate(self, now: float) -> float:
        """Return how many there were a second."""
        return self.count(now) / self.seconds


class Retries:
    """Retries may be a share of the requests of the last seconds, and a few more."""

    SHARE = 0.2
    FLOOR = 3.0
    """A second."""

    def __init__(self) -> None:
        self._requests = Recent()
        self._retries = Recent()

    def request(self, now: float) -> None:
        """Count a request."""
        self._requests.add(now)

    def left(self, now: float) -> float:
        """Return how many retries may follow at once."""
        allowed = self.SHARE * self._requests.count(now) + self.FLOOR * self._requests.seconds
        return max(0.0, allowed - self._retries.count(now))

    def take(self, now: float) -> bool:
        """Spend one, if one is left."""
        if self.left(now) < 1:
            return False
        self._retries.add(now)
        return True

    def traffic(self, now: float) -> float:
        """Return the requests a second of late."""
        return self._requests.rate(now)
