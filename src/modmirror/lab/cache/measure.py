"""``lab cache``: files that nobody asked for yet, then again and again, then many at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule, digest_of, popular
from modmirror.lab.cache.analysis import (
    COLD,
    NAME,
    TOGETHER,
    TRAFFIC,
    UPSTREAM,
    WARM,
    UpstreamCount,
    cache_result,
)  # fmt: skip
from modmirror.lab.cache.keys import draw_keys
from modmirror.lab.cache.upstream import MetricsCount
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.kept import event_of
from modmirror.lab.plan import block
from modmirror.lab.politeness import VolumeSpent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.results.cache import CacheResult
    from modmirror.lab.target import Target
    from modmirror.measure.sample import Connection

_WARM = 3
"""Requests for each file after the cold one."""
GROUPS = 3
"""Files that are asked for by many at once, and as many by one alone."""
_SMALL = 1 << 20


@dataclass(frozen=True, slots=True)
class CachePlan:
    """How much is asked."""

    keys: int = 30
    """Files that are cold at first."""
    together: int = 20
    """Requests at once for one cold file; only to mirrors of one's own."""
    requests: int = 200
    """Further requests for the same files, few of them for most: hits by temperature come from these."""
    modules: tuple[BenchModule, ...] = field(default_factory=popular)
    exact: bool = False
    """Whether the versions of ``modules`` are the files, or old versions are drawn."""
    page: str = ""
    """URL of metrics that count upstream requests; empty: those of the mirror, where it has some."""
    timeout: float = 60.0
    """Seconds for one request; a cold file may be made from a repository."""


class Cache:
    """The measurement. One object for one run."""

    def __init__(
        self, plan: CachePlan, count: Callable[[Target], Awaitable[int | None]] | None = None
    ) -> None:
        """``count`` tells how many requests a target has sent upstream; None: as the plan says."""
        self.plan = plan
        self._count = count

    async def __call__(self, lab: Lab) -> CacheResult:
        """Measure."""
        wanted = self.plan.keys + 2 * GROUPS
        keys = (
            list(self.plan.modules) if self.plan.exact else await draw_keys(lab, self.plan.modules, wanted)
        )
        lab.run.describe(corpus=digest_of(keys))
        # A third of few files, so that there is something of each.
        groups = min(GROUPS, len(keys) // 3)
        apart, rest = keys[: 2 * groups], keys[2 * groups :][: self.plan.keys]
        try:
            await self._blocks(lab, rest)
            await self._traffic(lab, rest)
            await self._together(lab, apart[:groups], apart[groups:])
        except VolumeSpent as error:
            lab.progress.note(f"not all was asked for: {error.reason}")
        lab.progress.end()
        return cache_result(lab.run.samples(NAME), lab.run.events())

    async def _blocks(self, lab: Lab, keys: Sequence[BenchModule]) -> None:
        lab.progress.begin("cold and warm", len(keys) * len(lab.targets))
        for number, key in enumerate(keys):
            for target, _ in block(lab.targets, (key,), lab.chance):
                # A list is small everywhere; its connection is the one that is measured.
                await lab.engine.warm(target, key.file("list"))
                await self._ask(lab, target, key, COLD, number)
                for _ in range(_WARM):
                    await self._ask(lab, target, key, WARM, number)
                lab.progress.step(target.name)
        lab.progress.end()

    async def _traffic(self, lab: Lab, keys: Sequence[BenchModule]) -> None:
        """Ask as builds do: the file at place n is asked for 1/n as often as the first."""
        if not keys:
            return
        lab.progress.begin("traffic", self.plan.requests)
        weights = [1 / place for place in range(1, len(keys) + 1)]
        for number, key in enumerate(lab.chance.choices(keys, weights, k=self.plan.requests)):
            for target, _ in block(lab.targets, (key,), lab.chance):
                await self._ask(lab, target, key, TRAFFIC, number)
            lab.progress.step()
        lab.progress.end()

    async def _together(self, lab: Lab, alone: Sequence[BenchModule], many: Sequence[BenchModule]) -> None:
        count = self._count or MetricsCount(lab, self.plan.page)
        for target in lab.targets:
            if not target.free:
                lab.progress.note(
                    f"{target.name} is not declared as yours: it is not asked by many at once"
                )
                continue
            for group, keys in ((False, alone), (True, many)):
                for number, key in enumerate(keys):
                    before = await count(target)
                    await self._group(lab, target, key, number, self.plan.together if group else 1)
                    after = await count(target)
                    if before is not None and after is not None:
                        found = UpstreamCount(target.name, group, after - before)
                        lab.run.event(event_of(UPSTREAM, lab.elapsed, found))

    async def _group(self, lab: Lab, target: Target, key: BenchModule, number: int, size: int) -> None:
        at = lab.clock.now()
        fetched = await asyncio.gather(
            *(lab.engine.fetch(self._request(target, key, "cold", at)) for _ in range(size))
        )
        if size > 1:
            for each in fetched:
                lab.record(NAME, TOGETHER, each, block=number)

    async def _ask(self, lab: Lab, target: Target, key: BenchModule, case: str, number: int) -> None:
        fetched = await lab.engine.fetch(self._request(target, key, "warm"))
        lab.record(NAME, case, fetched, block=number)

    def _request(
        self, target: Target, key: BenchModule, connection: Connection, intended: float | None = None
    ) -> Request:
        limit = Limit(self.plan.timeout, _SMALL)
        return Request(target, key.file("info"), connection=connection, limit=limit, intended=intended)
