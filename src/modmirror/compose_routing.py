"""What of a mirror has to do with the choice of upstreams: the router, its probes, its memory.

Apart from the composition root for its size; wired there.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from modmirror.proxy.scores import SavedScores
from modmirror.proxy.standing import standings_json
from modmirror.routing.limits import StallRule
from modmirror.routing.router import Router
from modmirror.upstream.address import is_public
from modmirror.upstream.guide import Guide
from modmirror.upstream.prober import Prober

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from modmirror.proxy.journey import Chain
    from modmirror.routing.settings import RoutingSettings
    from modmirror.storage.port import DocumentStorage
    from modmirror.telemetry.instruments import Instruments


class Routing:
    """Made before the routes, started when they are known."""

    def __init__(self, settings: RoutingSettings, instruments: Instruments) -> None:
        self._settings = settings
        self._instruments = instruments
        self._router = Router(random.Random(), settings)  # noqa: S311  # chance spreads load, it guards nothing
        stall = StallRule(settings.stall_rate, settings.stall_seconds)
        self.guide = Guide(self._router, time.monotonic, instruments.metrics, stall)

    def start(
        self,
        chains: Sequence[Chain],
        documents: DocumentStorage,
        closing: AsyncExitStack,
    ) -> None:
        """Begin to probe and to save; ``closing`` ends both, and saves a last time."""
        pools = [pool for chain in chains for pool in chain.pools()]
        upstreams = {each.name: each for chain in chains for each in chain.upstreams.values()}
        probed = {name: upstreams[name] for pool in pools for name in pool}
        for name in probed:
            public = is_public(name)
            self._router.add(
                name,
                probe_every=self._settings.public_probe_every if public else self._settings.probe_every,
            )
        saved = SavedScores(self._router, documents, self._instruments.now, time.monotonic)
        saved.restore()
        prober = Prober(self.guide, probed, pools, self._instruments.metrics)
        self._instruments.metrics.watch_router(lambda: prober.standings)
        tasks = [
            asyncio.create_task(prober.run(asyncio.sleep)),
            asyncio.create_task(saved.run(asyncio.sleep)),
        ]

        async def stop() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await saved.save()

        closing.push_async_callback(stop)

    def as_json(self) -> object:
        """Return scores, breakers, budgets and choices, for ``/-/upstreams``."""
        now = time.monotonic()
        return standings_json(self._router.standings(now), now, self._instruments.now())
