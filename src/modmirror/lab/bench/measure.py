"""``lab bench``: looks at each file once, then asks in randomised complete blocks until nothing is open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from statistics import median_low
from typing import TYPE_CHECKING

from modmirror.lab.analysis.bench import may_stop
from modmirror.lab.analysis.benchkept import ENDED, PLANNED, Ending, Planned, bench_result, clear, spent
from modmirror.lab.bench.cases import BenchModule, Case, cases_of, digest_of, popular
from modmirror.lab.bench.content import checked_small, checked_zip, majority
from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.kept import event_of
from modmirror.lab.plan import block, spread
from modmirror.lab.politeness import VolumeSpent
from modmirror.measure.sequential import looks

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.engine.port import Fetched
    from modmirror.lab.results.bench import BenchResult
    from modmirror.lab.run.port import Run
    from modmirror.lab.target import Target

NAME = "bench"
LOOK = "bench-look"
"""Measurement name of the first look: its samples warm caches and count for nothing."""


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """How much is asked."""

    blocks: int = 100
    zips: int = 20
    """Blocks in which zips are fetched too."""
    modules: tuple[BenchModule, ...] = field(default_factory=popular)
    early_stop: bool = True
    least_blocks: int = 0
    """It does not end early before them: a rare quantile is asked for."""
    timeout: float = 30.0
    """Seconds for one request."""


class Bench:
    """The measurement. One object for one run."""

    def __init__(self, plan: BenchPlan | None = None) -> None:
        self.plan = plan or BenchPlan()
        self._cases = cases_of(self.plan.modules)
        self._limit = Limit(seconds=self.plan.timeout)
        self._agreed: dict[str, str | None] = {}
        """``h1:`` of each zip, by path, as most targets have it."""

    async def __call__(self, lab: Lab) -> BenchResult:
        """Measure."""
        lab.run.describe(corpus=digest_of(self.plan.modules))
        lab.run.event(event_of(PLANNED, lab.elapsed, self._planned()))
        try:
            await self._look(lab)
            ending = await self._blocks(lab)
        except VolumeSpent as error:
            ending = spent(error.reason)
        lab.run.event(event_of(ENDED, lab.elapsed, ending))
        lab.progress.end()
        return self.so_far(lab.run)

    def so_far(self, run: Run) -> BenchResult:
        """Return what a run says of the bench, whole or not."""
        return bench_result(run.samples(NAME), run.events())

    def _planned(self) -> Planned:
        looked_at = [case.name for case in self._cases if not case.is_zip] if self.plan.early_stop else []
        return Planned(self.plan.blocks, tuple(dict.fromkeys(looked_at)))

    async def _look(self, lab: Lab) -> None:
        """Fetch each zip once from each target: it warms caches, and tells size and the majority's h1."""
        zips = {
            module.file("zip"): module for case in self._cases if case.is_zip for module in case.modules
        }
        if not self.plan.zips:
            return
        sizes: dict[str, int] = {}
        lab.progress.begin("first look", len(zips) * len(lab.targets))
        for path, module in zips.items():
            found: dict[str, str] = {}
            delivered: list[int] = []
            for target, _ in block(lab.targets, (path,), lab.chance):
                fetched = await self._download(lab, target, path)
                judged, digest = await asyncio.to_thread(checked_zip, fetched, module, None)
                lab.record(LOOK, "zip", judged, digest=digest)
                lab.progress.step(target.name)
                if digest:
                    found[target.name] = digest
                    delivered.append(judged.size)
            self._agreed[path] = majority(found)
            if delivered:
                # Whoever packs anew has another size.
                sizes[path] = median_low(delivered)
        self._cases = cases_of(self.plan.modules, sizes)
        lab.progress.end()

    async def _blocks(self, lab: Lab) -> Ending:
        """Go through the blocks; return why it ended early."""
        # Which module's turn it is: counted apart, as rare blocks may all be even ones.
        zip_turns = {number: turn for turn, number in enumerate(spread(self.plan.zips, self.plan.blocks))}
        lab.progress.begin(NAME, self.plan.blocks)
        for number in range(self.plan.blocks):
            cases = [case for case in self._cases if not case.is_zip or number in zip_turns]
            for target, case in block(lab.targets, cases, lab.chance):
                turn = zip_turns[number] if case.is_zip else number
                await self._ask(lab, target, case, case.module(turn), number)
            lab.progress.step()
            if self._settled(lab, number + 1):
                return clear(number + 1, self.plan.blocks)
        return Ending()

    def _settled(self, lab: Lab, done: int) -> bool:
        if not self.plan.early_stop or done not in looks(self.plan.blocks)[:-1]:
            return False
        zips = {case.name for case in self._cases if case.is_zip}
        # Downloads are too few to stop by; they are spread over the whole plan.
        small = [sample for sample in lab.run.samples(NAME) if sample.case not in zips]
        return len(lab.targets) > 1 and may_stop(small, self.plan.blocks, self.plan.least_blocks)

    async def _ask(self, lab: Lab, target: Target, case: Case, module: BenchModule, number: int) -> None:
        path = module.file(case.extension)
        if case.connection == "warm":
            # A list is small everywhere; what is measured next must not be what warmed the path.
            await lab.engine.warm(target, module.file("list"))
        if case.is_zip:
            fetched = await self._download(lab, target, path)
            judged, digest = await asyncio.to_thread(checked_zip, fetched, module, self._agreed.get(path))
            lab.record(NAME, case.name, judged, block=number, digest=digest)
            return
        request = Request(target, path, connection=case.connection, keep="bytes", limit=self._limit)
        fetched = await lab.engine.fetch(request)
        lab.record(NAME, case.name, checked_small(fetched, module, case.extension), block=number)

    async def _download(self, lab: Lab, target: Target, path: str) -> Fetched:
        request = Request(target, path, connection="warm", keep="file", limit=self._limit)
        return await lab.engine.fetch(request)
