"""A new lab for every round of a watch: names are looked up anew, and flags are those of the round."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from modmirror.lab.bundle import Lab
from modmirror.lab.clock import SystemClock, today
from modmirror.lab.health import watched
from modmirror.lab.opening import open_engine
from modmirror.lab.progress import Silent
from modmirror.lab.run.memory import MemoryRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random

    from modmirror.lab.run.manifest import Manifest
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target


class Labs:
    """Opens labs. What they measure goes into ``kept`` at the end of each round, where there is one."""

    def __init__(
        self, targets: tuple[Target, ...], manifest: Manifest, chance: Random, kept: Run | None = None
    ) -> None:
        self._targets = targets
        self._manifest = manifest
        self._chance = chance
        self._kept = kept
        self._clock = SystemClock()
        self._began = self._clock.now()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Lab]:
        """Give a lab for one round."""
        # Memory, whatever is kept: the flags of one round are not those of the next.
        run = MemoryRun(self._manifest, today)
        engine = await open_engine(run, self._clock)
        try:
            async with watched(run.flag):
                yield Lab(self._targets, engine, run, self._chance, self._clock, Silent(), self._began)
        finally:
            await engine.close()
            if self._kept is not None:
                self._keep(run, self._kept)

    def _keep(self, run: MemoryRun, kept: Run) -> None:
        for sample in run.samples():
            kept.append(sample)
        for flag in run.manifest.flags:
            kept.flag(flag)
