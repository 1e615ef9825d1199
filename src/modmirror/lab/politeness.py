"""Stands between every measurement and the engine: a host that one does not own is asked sparingly.

At most two requests a second and one at a time for each host, at most 200 MB from all of them in a run;
Retry-After is honoured. Loopback and targets that the user declares as owned are free.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from modmirror.errors import Error
from modmirror.lab.engine.port import Fetched, Request
from modmirror.measure.sample import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from modmirror.lab.bundle import Clock
    from modmirror.lab.target import Target

THROW_AWAY = 2
"""Requests after which a connection counts as warm (lab.md 2.3)."""

_LAST_TRIES = 2
_BUSY = {429, 503}


class VolumeSpent(Error):
    """A run has fetched as much from other people's hosts as a polite one may."""


class NotOwned(Error):
    """Load or faults were asked for against a host that the user does not declare as their own."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How much is polite."""

    interval: float = 0.5
    """Seconds from the beginning of one request to that of the next, for one host."""
    volume: int = 200_000_000
    """Bytes of bodies from all such hosts in one run."""
    patience: float = 120.0
    """Seconds of Retry-After that are waited out; a host that asks for more is asked no more."""


class Wire(Protocol):
    """An engine before it is polite."""

    @property
    def name(self) -> str:
        """Name for the environment block."""
        ...

    def warmth(self, target: Target) -> int:
        """Return how many requests the target's idle connection has answered."""
        ...

    async def fetch(self, request: Request) -> Fetched:
        """Make one request."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...


@dataclass(slots=True)
class _Host:
    """What is remembered of one host."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_at: float = 0.0
    left_alone: str = ""
    """Why it is asked no more."""


class PoliteEngine:
    """The engine that measurements are given."""

    def __init__(
        self, wire: Wire, clock: Clock, wall: Callable[[], float], rules: Rules | None = None
    ) -> None:
        """``wall`` returns seconds since 1970: Retry-After may be a date."""
        self._wire = wire
        self._clock = clock
        self._wall = wall
        self._rules = rules or Rules()
        self._hosts: dict[str, _Host] = {}
        self._spent = 0

    @property
    def name(self) -> str:
        """Name of the engine."""
        return self._wire.name

    async def fetch(self, request: Request) -> Fetched:
        """Make one request, when its host may be asked again.

        Raises:
            VolumeSpent: there is nothing left to fetch politely.
        """
        if request.target.free:
            return await self._wire.fetch(request)
        host = self._hosts.setdefault(request.target.host, _Host())
        async with host.lock:
            if host.left_alone:
                return _not_asked(request, host.left_alone, self._clock.now())
            allowed = self._limited(request)
            await self._clock.sleep_until(host.next_at)
            host.next_at = self._clock.now() + self._rules.interval
            fetched = await self._wire.fetch(_on_time(allowed, self._clock.now()))
            self._spent += fetched.size
            self._heed(host, fetched)
        return fetched

    async def warm(self, target: Target, path: str) -> bool:
        """Ask until the idle connection is warm. False: the target keeps none, or fails."""
        for _ in range(THROW_AWAY + _LAST_TRIES):
            if self._wire.warmth(target) >= THROW_AWAY:
                return True
            await self.fetch(Request(target, path, connection="warm"))
        return self._wire.warmth(target) >= THROW_AWAY

    async def close(self) -> None:
        """End every connection."""
        await self._wire.close()

    def _limited(self, request: Request) -> Request:
        left = self._rules.volume - self._spent
        if left <= 0:
            raise VolumeSpent(
                f"{self._rules.volume // 1_000_000} MB were fetched from mirrors that are not yours",
                hint="ask for fewer or smaller files, or measure a mirror of your own",
            )
        limit = replace(request.limit, size=min(request.limit.size, left))
        return replace(request, limit=limit)

    def _heed(self, host: _Host, fetched: Fetched) -> None:
        after = fetched.headers.get("retry-after", "")
        if fetched.status not in _BUSY or not after:
            return
        seconds = retry_after(after, self._wall())
        if seconds > self._rules.patience:
            host.left_alone = f"not asked: it said {fetched.status} and to come back in {seconds:.0f} s"
        else:
            host.next_at = max(host.next_at, self._clock.now() + seconds)


def require_free(target: Target) -> None:
    """Refuse what only an owner may do. Raises NotOwned."""
    if not target.free:
        raise NotOwned(
            f"{target.name} is not declared as yours: it gets no load and no faults",
            hint="write owned = true beside its url in a file for --targets, if it is",
        )


def retry_after(value: str, now: float) -> float:
    """Return the seconds that a Retry-After header asks for; 0 for one that says nothing."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return 0.0


def _on_time(request: Request, now: float) -> Request:
    # What politeness made wait is no latency of the mirror.
    if request.intended is None:
        return request
    return replace(request, intended=max(request.intended, now))


def _not_asked(request: Request, reason: str, now: float) -> Fetched:
    return Fetched(request=request, outcome="4xx", timing=Timing(), started=now, reason=reason)
