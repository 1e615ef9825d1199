"""What the mirror remembers for a short while, in memory only: absences and shunned upstreams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import TTLCache

from modmirror.errors import NotExist, UpstreamBadAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_REMEMBERED = 100_000
"""Entries of each kind. An absence costs about 400 bytes: 40 MB when someone scans for names."""


class Absences:
    """Keys that every upstream said do not exist. Purged by a success, forgotten after ``ttl``.

    Over https the go command repeats each request that got a 4xx, and it asks for every parent of a
    package path, so most "not found" answers come from here (protocol.md A.15).
    """

    def __init__(self, ttl: float, clock: Callable[[], float]) -> None:
        self._known: TTLCache[str, NotExist] = TTLCache(MAX_REMEMBERED, ttl, timer=clock)

    def check(self, key: str) -> None:
        """Raise NotExist again if ``key`` was found absent less than ``ttl`` ago."""
        known = self._known.get(key)
        if known is not None:
            raise NotExist(known.reason, hint=known.hint, sources=known.sources)

    def remember(self, key: str, absence: NotExist) -> None:
        """Note that nothing is there now."""
        self._known[key] = absence

    def forget(self, key: str) -> None:
        """It is there after all."""
        self._known.pop(key, None)


class Shunned:
    """Upstreams that sent a bad file of a module: passed over for that module for a while."""

    def __init__(self, ttl: float, clock: Callable[[], float]) -> None:
        self._reasons: TTLCache[tuple[str, str], str] = TTLCache(MAX_REMEMBERED, ttl, timer=clock)

    def check(self, module: str, upstream: str) -> None:
        """Raise UpstreamBadAnswer if ``upstream`` is passed over for ``module`` now."""
        reason = self._reasons.get((module, upstream))
        if reason is not None:
            raise UpstreamBadAnswer(upstream, f"passed over for this module after a bad file: {reason}")

    def add(self, module: str, upstream: str, reason: str) -> None:
        """Pass ``upstream`` over for ``module`` from now on."""
        self._reasons[module, upstream] = reason
