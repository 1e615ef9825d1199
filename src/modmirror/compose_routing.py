"""What of a mirror has to do with the choice of upstreams: the router, its probes, its memory.

Apart from the composition root for its size; wired there.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

from modmirror import background
from modmirror.errors import ConfigError
from modmirror.proxy.labreport import KEY as SCORES_KEY
from modmirror.proxy.labreport import priors_of_report
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
        """Begin to probe and to save; ``closing`` ends both, and saves a last time.

        Raises:
            ConfigError: with key ``routing.scores``, for a file that is no report.
        """
        pools = [pool for chain in chains for pool in chain.pools()]
        upstreams = {each.name: each for chain in chains for each in chain.upstreams.values()}
        probed = {name: upstreams[name] for pool in pools for name in pool}
        for name in probed:
            public = is_public(name)
            self._router.add(
                name,
                probe_every=self._settings.public_probe_every if public else self._settings.probe_every,
            )
        if self._settings.scores:
            self._router.restore(priors_of_report(_read(self._settings.scores), probed))
        saved = SavedScores(
            self._router, documents, self._instruments.now, time.monotonic, self._instruments.events
        )
        saved.restore()
        prober = Prober(self.guide, probed, pools, self._instruments.metrics, self._instruments.events)
        self._instruments.metrics.watch_router(lambda: prober.standings)
        events = self._instruments.events
        tasks = (
            background.begin(prober.run(asyncio.sleep), "probing upstreams", events),
            background.begin(saved.run(asyncio.sleep), "saving scores", events),
        )
        closing.push_async_callback(saved.save)
        closing.push_async_callback(background.end, *tasks)

    def as_json(self) -> object:
        """Return scores, breakers, budgets and choices, for ``/-/upstreams``."""
        now = time.monotonic()
        return standings_json(self._router.standings(now), now, self._instruments.now())


def _read(path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ConfigError(SCORES_KEY, f"cannot read {path}: {error.strerror}") from error
