"""An upstream whose requests are counted and timed. Wraps any other."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from modmirror.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from modmirror.telemetry.metrics import Metrics
    from modmirror.upstream.port import Reply, Upstream

ASSETS = {"zip": "zip", "mod": "mod", "info": "info"}
"""By extension; everything else is metadata or belongs to a checksum database."""


class ObservedUpstream:
    """Counts statuses and measures the phases ``wait`` (until the status) and ``receive`` (the body)."""

    def __init__(self, inner: Upstream, metrics: Metrics, ticks: Callable[[], float]) -> None:
        self.name = inner.name
        self._inner = inner
        self._metrics = metrics
        self._ticks = ticks

    @asynccontextmanager
    async def get(self, path: str, *, offset: int = 0, if_range: str = "") -> AsyncIterator[Reply]:
        """See :class:`modmirror.upstream.port.Upstream`."""
        asset = _asset(path)
        outcome = "left"
        started = self._ticks()
        try:
            async with self._inner.get(path, offset=offset, if_range=if_range) as reply:
                outcome = str(reply.status)
                answered = self._ticks()
                self._metrics.upstream_phase(self.name, asset, "wait", answered - started)
                yield reply
                self._metrics.upstream_phase(self.name, asset, "receive", self._ticks() - answered)
        except UpstreamError as error:
            outcome = type(error).__name__
            raise
        finally:
            # Once, when it is over: a body that broke off is a failure, whatever its status said.
            self._metrics.upstream_requested(self.name, outcome)

    async def close(self) -> None:
        """Close the wrapped upstream."""
        await self._inner.close()


def _asset(path: str) -> str:
    if "/@v/" in path:
        return ASSETS.get(path.rpartition(".")[2], "list")
    return "latest" if path.endswith("/@latest") else "sumdb"
