"""Round after round until somebody says stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.watch.rounds import look_around
from modmirror.lab.watch.sightings import Sightings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from modmirror.lab.bench.cases import BenchModule
    from modmirror.lab.bundle import Clock, Lab
    from modmirror.lab.watch.gauges import WatchMetrics
    from modmirror.lab.watch.rounds import Look, Patience

SPREAD = 0.1
"""Share by which a pause varies, so that many watches do not ask in step."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how many times."""

    every: float
    """Seconds from the beginning of a round to that of the next."""
    rounds: int | None = None
    """None: until told to stop."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at mirrors, counts, and tells."""

    opened: Callable[[], AbstractAsyncContextManager[Lab]]
    """A new lab for each round: names are looked up anew, and flags are those of the round."""
    module: BenchModule
    patience: Patience
    metrics: WatchMetrics
    told: Callable[[Look, float | None], None]

    async def run(self, pace: Pace, clock: Clock, stop: asyncio.Event) -> int:
        """Make rounds until ``stop`` is set or there were enough; return how many."""
        sightings = Sightings()
        done = 0
        while not stop.is_set():
            began = clock.now()
            spread = await self._round(sightings, clock)
            done += 1
            if done == pace.rounds:
                break
            await _pause(clock, began + pace.every * spread, stop)
        return done

    async def _round(self, sightings: Sightings, clock: Clock) -> float:
        async with self.opened() as lab:
            looks = await look_around(lab, self.module, self.patience)
            spread = 1 + SPREAD * (2 * lab.chance.random() - 1)
        now = clock.now()
        for look in looks:
            if look.versions is not None:
                sightings.saw(look.target, look.versions, now)
        for look in looks:
            lag = sightings.lag(look.target, now)
            self.metrics.looked(look, lag)
            self.told(look, lag)
        # Flags come at the end of a round, when the lab is closed.
        self.metrics.ended(lab.run.manifest.flags)
        return spread


async def _pause(clock: Clock, until: float, stop: asyncio.Event) -> None:
    """Wait, but not longer than until somebody says stop."""
    waits = [asyncio.ensure_future(clock.sleep_until(until)), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
