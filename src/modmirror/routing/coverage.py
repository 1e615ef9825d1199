"""Which upstream lacks which modules: mirrors differ, and that is no fault of theirs (lab.md 4.3)."""

from __future__ import annotations

from collections import Counter, OrderedDict

KEPT = 600.0
"""Seconds that an absence is remembered."""
MOST = 20_000
"""Absences remembered, the newest."""
_REPOSITORY_ELEMENTS = 3
IN_A_ROW = 8
"""Repositories of a host that an upstream must lack one after the other to be asked last for the host …"""
HOST_KEPT = 60.0
"""… for so many seconds: that it is asked first again tells whether it has some after all."""


class Coverage:
    """Absences by upstream and module prefix."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        """In the order in which they end, for all are kept equally long."""
        self._counts: Counter[str] = Counter()
        self._rows: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        """By upstream and host: how many in a row were missed, and until when the host counts as missed."""

    def lacks(self, upstream: str, module: str, now: float) -> bool:
        """Tell whether the upstream was found to lack such modules a short while ago."""
        _, until = self._rows.get((upstream, host_of(module)), (0, now))
        return until > now or self._until.get((upstream, prefix_of(module)), now) > now

    def missed(self, upstream: str, module: str, now: float) -> None:
        """Note that the upstream lacks what another one has."""
        if not self._forget(upstream, module):
            self._missed_another(upstream, host_of(module), now)
        self._until[upstream, prefix_of(module)] = now + KEPT
        self._counts[upstream] += 1
        while len(self._until) > MOST:
            self._forget_oldest()

    def found(self, upstream: str, module: str) -> None:
        """Note that it has such modules after all."""
        self._forget(upstream, module)
        self._rows.pop((upstream, host_of(module)), None)

    def count(self, upstream: str, now: float) -> int:
        """Return how many prefixes the upstream is known to lack."""
        while self._until and next(iter(self._until.values())) <= now:
            self._forget_oldest()
        return self._counts[upstream]

    def _forget(self, upstream: str, module: str) -> bool:
        """Forget an absence, and tell whether there was one."""
        known = self._until.pop((upstream, prefix_of(module)), None) is not None
        self._counts[upstream] -= known
        return known

    def _missed_another(self, upstream: str, host: str, now: float) -> None:
        row, _ = self._rows.pop((upstream, host), (0, 0.0))
        self._rows[upstream, host] = row + 1, now + HOST_KEPT if row + 1 >= IN_A_ROW else now
        if len(self._rows) > MOST:
            self._rows.popitem(last=False)

    def _forget_oldest(self) -> None:
        (upstream, _), _ = self._until.popitem(last=False)
        self._counts[upstream] -= 1


def host_of(module: str) -> str:
    """Return the first element."""
    return module.partition("/")[0]


def prefix_of(module: str) -> str:
    """Return what stands for a repository: the host and the two elements below it."""
    return "/".join(module.split("/")[:_REPOSITORY_ELEMENTS])
