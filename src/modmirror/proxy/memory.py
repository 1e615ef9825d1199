"""What the mirror remembers for a short while, in memory only: absences and shunned upstreams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import TTLCache

from modmirror.errors import NotExist, UpstreamBadAnswer
from modmirror.protocol.target import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modmirror.protocol.target import ModuleTarget

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
    """Upstreams that sent a bad file.

    For a while the file is not taken from them again. What else they have of the module is doubted: others
    are asked first. It is not refused, for the checks that found the one bad file would find the next, and
    nobody else may have it; and what nobody has must not look like a failure.
    """

    def __init__(self, ttl: float, clock: Callable[[], float]) -> None:
        self._bad: TTLCache[tuple[str, str], str] = TTLCache(MAX_REMEMBERED, ttl, timer=clock)
        self._doubted: TTLCache[tuple[str, str], str] = TTLCache(MAX_REMEMBERED, ttl, timer=clock)

    def add(self, target: ModuleTarget, upstream: str, reason: str) -> None:
        """``upstream`` sent a bad file for ``target``."""
        self._bad[target.path, upstream] = reason
        self.doubt(target, upstream, reason)

    def doubt(self, target: ModuleTarget, upstream: str, reason: str) -> None:
        """What ``upstream`` sent for ``target`` may be bad, or what somebody else did."""
        self._doubted[target.module, upstream] = reason

    def doubts(self, target: ModuleTarget) -> Doubts:
        """Return what is held against upstreams where ``target`` is wanted."""
        return Doubts(target, self._bad, self._doubted)

    def check_unproven(self, target: ModuleTarget, upstream: str) -> None:
        """Raise UpstreamBadAnswer for a file that should be proven and cannot be, of one in doubt."""
        reason = self._doubted.get((target.module, upstream))
        if reason is not None:
            raise UpstreamBadAnswer(
                upstream, f"sent a file that cannot be proven now, after a bad one of this module: {reason}"
            )


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is held against upstreams where one file is wanted. Names are display names."""

    target: ModuleTarget
    bad: Mapping[tuple[str, str], str]
    doubted: Mapping[tuple[str, str], str]

    @property
    def weighty(self) -> bool:
        """Whether others are asked first even behind a ``,``: for what can be bad.

        A list or an ``.info`` cannot be proven, whoever sends it. There a ``,`` keeps its meaning.
        """
        return self.target.kind in {Kind.MOD, Kind.ZIP}

    def refusal(self, upstream: str) -> UpstreamBadAnswer | None:
        """Say why the file is not to be asked of ``upstream``; None when it may be."""
        reason = self.bad.get((self.target.path, upstream))
        if reason is None:
            return None
        return UpstreamBadAnswer(upstream, f"passed over for this file after it sent a bad file: {reason}")

    def hesitation(self, upstream: str) -> UpstreamBadAnswer | None:
        """Say why others should be asked before ``upstream``; None when it is as good as they."""
        reason = self.doubted.get((self.target.module, upstream))
        if reason is None:
            return None
        return UpstreamBadAnswer(upstream, f"passed over after a bad file of this module: {reason}")
