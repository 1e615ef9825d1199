"""Looks at upstreams that nobody uses just now, and finds out when a sick one is well again.

Asks for a small file that the upstream is known to have, when the router says that a probe is due.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from modmirror.errors import Error, NotExist
from modmirror.upstream.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from modmirror.routing.outcome import Permit
    from modmirror.routing.plan import Decision
    from modmirror.telemetry.events import Events
    from modmirror.telemetry.metrics import Metrics
    from modmirror.upstream.guide import Guide
    from modmirror.upstream.port import Upstream

TICK = 0.5
"""Seconds between looks at what is due."""
PATIENCE = 5.0
"""Seconds for the answer to a probe: for something this small more is as bad as none."""
_OK = 200


class Prober:
    """Probes the upstreams of all pools."""

    def __init__(
        self,
        guide: Guide,
        upstreams: Mapping[str, Upstream],
        pools: Sequence[tuple[str, ...]],
        metrics: Metrics,
        events: Events,
    ) -> None:
        """``upstreams`` are by display name."""
        self._guide = guide
        self._upstreams = upstreams
        self._pools = {name: [pool for pool in pools if name in pool] for name in upstreams}
        self._metrics = metrics
        self._events = events
        self._told: Decision | None = None
        self._running: set[asyncio.Task[None]] = set()
        self.standings = guide.router.standings(guide.now())
        """What the router knew a moment ago. Metrics are written in another thread, and may look here."""

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Probe until cancelled; then leave nothing running."""
        try:
            while True:
                await sleep(TICK)
                self.look()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def look(self) -> None:
        """Begin the probes that are due."""
        self.standings = self._guide.router.standings(self._guide.now())
        self._tell()
        for name in self._guide.router.probes_due(self._guide.now()):
            path = self._guide.small_path(name, self._pools[name])
            if path is None:
                continue  # nothing has been fetched yet: there is nothing to compare
            permit = self._guide.router.admit(name, self._guide.now())
            if permit is not None:
                task = asyncio.create_task(self._probe(permit, path))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    def _tell(self) -> None:
        """Log what the router has decided since the last look."""
        decisions = list(self.standings.decisions)
        if self._told in decisions:
            decisions = decisions[decisions.index(self._told) + 1 :]
        for each in decisions:
            log = self._events.warning if each.is_bad else self._events.info
            log("routing changed", subject=each.subject, what=each.what, why=each.why)
            self._told = each

    async def _probe(self, permit: Permit, path: str) -> None:
        guide, began = self._guide, self._guide.now()
        try:
            async with asyncio.timeout(PATIENCE):
                seconds = await self._ask(permit.upstream, path, began)
        except TimeoutError:
            guide.gave_up(permit, "meta", guide.now() - began, path, late=True)
            result = "failed"
        except Error as error:
            guide.failed(permit, "meta", guide.now() - began, path, error)
            result = "absent" if isinstance(error, NotExist) else "failed"
        except BaseException:
            guide.gave_up(permit, "meta", guide.now() - began, path, late=False)
            raise
        else:
            guide.answered(permit, "meta", seconds, path)
            result = "ok"
        self._metrics.probed(permit.upstream, result)

    async def _ask(self, name: str, path: str, began: float) -> float:
        """Return the seconds to the first byte. The rest is read, so that the connection can stay."""
        async with self._upstreams[name].get(path) as reply:
            if reply.status != _OK:
                raise await refusal(name, reply)
            seconds = self._guide.now() - began
            async for _ in reply.body:
                pass
            return seconds
