"""Watches which modules are hot, and has them kept fresh."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.measure.hot import HotCounts
from modmirror.mod.path import ModulePath

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from modmirror.proxy.prefetch import Prefetch
    from modmirror.proxy.routes import Routes
    from modmirror.proxy.settings import HotSettings

LOOK_EVERY = 1.0
"""Seconds between two looks at what was asked for."""
ROUND_EVERY = 5.0
"""Seconds between two rounds of prefetching."""
SHOWN = 50
"""Modules on the page."""


@dataclass(slots=True)
class HotModules:
    """Counts what clients ask for, and runs the prefetching of what is hot."""

    settings: HotSettings
    routes: Routes
    prefetch: Prefetch
    take: Callable[[], tuple[Mapping[str, int], int]]
    """Returns how often each module was asked for since the last call, and how many bytes were fetched."""
    clock: Callable[[], float]
    """Monotonic seconds."""
    sleep: Callable[[float], Awaitable[None]]
    counts: HotCounts = field(init=False)

    def __post_init__(self) -> None:
        self.counts = HotCounts(self.settings.window)

    async def run(self) -> None:
        """Count and prefetch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._count())
            if self.settings.enabled:
                tasks.create_task(self._keep_fresh())

    def look(self) -> None:
        """Count what was asked for since the last look."""
        asked, fetched = self.take()
        self.counts.add(asked, self.clock())
        self.prefetch.allowance.earn(fetched)

    def hot(self) -> list[ModulePath]:
        """Return the modules that are hot now, the most asked for first."""
        settings = self.settings
        return [
            ModulePath(key) for key in self.counts.hot(settings.threshold, settings.modules, self.clock())
        ]

    def as_json(self) -> dict[str, object]:
        """Tell what is hot. Names of private modules are for nobody outside: they are only counted."""
        now = self.clock()
        top = self.counts.top(SHOWN, now)
        shown = [heat for heat in top if not self._is_private(heat.key)]
        allowance = self.prefetch.allowance
        return {
            "window_minutes": self.settings.window,
            "threshold": self.settings.threshold,
            "modules": [
                {
                    "module": heat.key,
                    "hot": heat.in_window >= self.settings.threshold,
                    "last_minute": heat.last_minute,
                    "in_window": heat.in_window,
                    "last_hour": heat.last_hour,
                    "last_hour_at_most": heat.last_hour + heat.missed,
                }
                for heat in shown
            ],
            "candidates": [
                {"module": each.key, "count_at_most": each.count, "error": each.error}
                for each in self.counts.candidates(SHOWN)
                if not self._is_private(each.key)
            ],
            "private_modules_left_out": len(top) - len(shown),
            "prefetch": {
                "enabled": self.settings.enabled,
                "bytes": allowance.spent,
                "bytes_left": max(0, int(allowance.left)),
            },
        }

    async def _count(self) -> None:
        while True:
            await self.sleep(LOOK_EVERY)
            self.look()

    async def _keep_fresh(self) -> None:
        while True:
            await self.sleep(ROUND_EVERY)
            await self.prefetch.round(self.hot())

    def _is_private(self, module: str) -> bool:
        try:
            return self.routes.of(ModulePath(module)).private
        except NotExist:
            return True
