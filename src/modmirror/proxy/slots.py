"""How many fills run at once, and who has to wait.

Two pools: one for fills from upstreams, one for those that go on to a repository. A fill begins in the
first and leaves it for the second when it comes to ``direct``, so that repositories that hang cannot use up
the places of upstreams that answer.

A fill waits only while that is not hopeless. Otherwise it is refused at once: the client learns when to
come again, and holds no connection meanwhile.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from modmirror.errors import Overloaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from modmirror.upstream.port import Reply, Upstream

WEIGHT = 0.2
"""Of the last fill in the mean time of fills."""


class Slots:
    """One pool of places. For one event loop."""

    def __init__(self, name: str, count: int, patience: float, clock: Callable[[], float]) -> None:
        """Make ``count`` places. A wait of more than ``patience`` seconds is hopeless."""
        self.name = name
        self.waiting = 0
        """Fills in the queue now."""
        self.refused = 0
        """Fills turned away so far."""
        self._count = count
        self._patience = patience
        self._clock = clock
        self._places = asyncio.Semaphore(count)
        self._running: set[_Place] = set()
        self._mean: float | None = None

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Hold a place, after waiting for one if need be.

        Raises:
            Overloaded: the wait would be longer than it is worth, or has been.
        """
        await self._wait()
        place = _Place(self, self._clock())
        self._running.add(place)
        token = _held.set(place)
        try:
            yield
        finally:
            _held.reset(token)
            place.leave()

    def expected_wait(self) -> float:
        """Return how many seconds the next one in the queue would wait for a place."""
        if not self._places.locked():
            return 0.0
        return (self.waiting + 1) * self._service_seconds() / self._count

    def end(self, place: _Place) -> None:
        """Give a place to the next one in the queue. Without effect on a place that was left before."""
        if place not in self._running:
            return
        self._running.discard(place)
        seconds = self._clock() - place.since
        self._mean = seconds if self._mean is None else self._mean + WEIGHT * (seconds - self._mean)
        self._places.release()

    def _service_seconds(self) -> float:
        """How long a fill takes: as long as others took, or as the running ones take already."""
        now = self._clock()
        running = sum(now - place.since for place in self._running) / max(1, len(self._running))
        return max(self._mean or 0.0, running)

    async def _wait(self) -> None:
        expected = self.expected_wait()
        if expected > self._patience:
            raise self._refusal(expected)
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise self._refusal(self.expected_wait()) from None
        finally:
            self.waiting -= 1

    def _refusal(self, expected: float) -> Overloaded:
        self.refused += 1
        return Overloaded(
            f"{self._count} {self.name} fills are running and {self.waiting} wait for a place",
            retry_after=max(1.0, min(expected, self._patience)),
            hint="what is stored already is served as ever; try again later",
        )


class _Place:
    """One place while it is held."""

    def __init__(self, slots: Slots, since: float) -> None:
        self.since = since
        self._slots = slots

    def leave(self) -> None:
        """Give it back. Safe to call twice."""
        self._slots.end(self)


# The place of the fill that the current task works for. Tasks that it starts inherit it.
_held: ContextVar[_Place | None] = ContextVar("place of the running fill", default=None)


class SlottedUpstream:
    """An upstream with a pool of its own. Wraps any other; the outermost, for a wait is not its time."""

    def __init__(self, inner: Upstream, slots: Slots) -> None:
        self.name = inner.name
        self._inner = inner
        self._slots = slots

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """See :class:`modmirror.upstream.port.Upstream`. The fill changes over to this pool."""
        left = _held.get()
        if left is not None:
            left.leave()
        async with (
            self._slots.hold(),
            self._inner.get(path, offset=offset, if_range=if_range) as reply,
        ):
            yield reply

    async def close(self) -> None:
        """Close the wrapped upstream."""
        await self._inner.close()
