"""Which upstream lacks which modules: mirrors differ, and that is no fault of theirs (lab.md 4.3)."""

from __future__ import annotations

from collections import Counter, OrderedDict

KEPT = 600.0
"""Seconds that an absence is remembered."""
MOST = 20_000
"""Absences remembered, the newest."""
_REPOSITORY_ELEMENTS = 3


class Coverage:
    """Absences by upstream and module prefix."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        """In the order in which they end, for all are kept equally long."""
        self._counts: Counter[str] = Counter()

    def lacks(self, upstream: str, module: str, now: float) -> bool:
        """Tell whether the upstream was found to lack such modules a short while ago."""
        return self._until.get((upstream, prefix_of(module)), now) > now

    def missed(self, upstream: str, module: str, now: float) -> None:
        """Note that the upstream lacks what another one has."""
        self.found(upstream, module)
        self._until[upstream, prefix_of(module)] = now + KEPT
        self._counts[upstream] += 1
        while len(self._until) > MOST:
            self._forget_oldest()

    def found(self, upstream: str, module: str) -> None:
        """Note that it has such modules after all."""
        if self._until.pop((upstream, prefix_of(module)), None) is not None:
            self._counts[upstream] -= 1

    def count(self, upstream: str, now: float) -> int:
        """Return how many prefixes the upstream is known to lack."""
        while self._until and next(iter(self._until.values())) <= now:
            self._forget_oldest()
        return self._counts[upstream]

    def _forget_oldest(self) -> None:
        (upstream, _), _ = self._until.popitem(last=False)
        self._counts[upstream] -= 1


def prefix_of(module: str) -> str:
    """Return what stands for a repository: the host and the two elements below it."""
    return "/".join(module.split("/")[:_REPOSITORY_ELEMENTS])
