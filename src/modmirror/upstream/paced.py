"""The body of an answer on a route: measured, and given up when it has become too slow to wait for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from modmirror.errors import UpstreamError, UpstreamStalled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from modmirror.measure.score import Class
    from modmirror.routing.limits import StallRule
    from modmirror.upstream.guide import Guide


class PacedBody:
    """Chunks as they come. Only the waiting for the upstream counts, not what the reader does between."""

    def __init__(
        self, body: AsyncIterator[bytes], guide: Guide, upstream: str, asked: Class, stall: StallRule | None
    ) -> None:
        """Without ``stall`` nothing is too slow: there is nobody else to ask."""
        self._body = body
        self._guide = guide
        self._upstream = upstream
        self._asked = asked
        self._stall = stall
        self._size = 0
        self._waited = 0.0
        self._window_size = 0
        self._window_waited = 0.0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        began = self._guide.now()
        patience = self._patience()
        try:
            async with asyncio.timeout(patience):
                chunk = await anext(self._body)
        except StopAsyncIteration:
            self._guide.router.received(self._upstream, self._asked, self._size, self._waited)
            raise
        except TimeoutError as error:
            self._guide.router.hedge()
            raise UpstreamStalled(
                self._upstream, f"the answer stalled: nothing came for {patience:.1f} s"
            ) from error
        self._count(len(chunk), self._guide.now() - began)
        return chunk

    def _patience(self) -> float | None:
        """Return the seconds of silence to bear: few, while a second request may be spent on the rest."""
        if self._stall is None:
            return None
        router = self._guide.router
        if not router.may_hedge:
            return self._stall.seconds
        return min(self._stall.seconds, router.timeout(self._upstream, "meta"))

    def _count(self, size: int, seconds: float) -> None:
        self._size += size
        self._waited += seconds
        if self._stall is None:
            return
        self._window_size += size
        self._window_waited += seconds
        if self._window_waited < self._stall.seconds:
            return
        if self._window_size < self._stall.rate * self._window_waited:
            raise self._stalled()
        self._window_size, self._window_waited = 0, 0.0

    def _stalled(self) -> UpstreamError:
        rule = self._stall
        assert rule is not None  # noqa: S101  # without a rule nothing stalls
        return UpstreamStalled(
            self._upstream, f"the answer stalled: below {rule.rate:g} bytes/s for {rule.seconds:g} s"
        )
