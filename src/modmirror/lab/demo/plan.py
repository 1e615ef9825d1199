"""What the demonstration measures, and with how little: a few minutes in all, under one when quick."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.bench.measure import LOOK, Bench, BenchPlan
from modmirror.lab.bench.measure import NAME as BENCH
from modmirror.lab.coverage.measure import NAME as COVERAGE
from modmirror.lab.coverage.measure import Coverage, CoveragePlan
from modmirror.lab.coverage.records import Database
from modmirror.lab.demo.cast import NEW_VERSION, SUBJECT, asked, corpus, fresh
from modmirror.lab.demo.world import Publish
from modmirror.lab.fault.measure import NAME as FAULT
from modmirror.lab.fault.measure import Rehearsals
from modmirror.lab.fault.rehearsal import Rehearsal
from modmirror.lab.fault.scenario import find_scenario
from modmirror.lab.freshness.births import Birth
from modmirror.lab.freshness.measure import NAME as FRESHNESS
from modmirror.lab.freshness.measure import Freshness, FreshnessPlan
from modmirror.lab.probe.measure import NAME as PROBE
from modmirror.lab.probe.measure import Probe, ProbePlan
from modmirror.lab.protocol.asking import NAME as PROTOCOL
from modmirror.lab.protocol.asking import Subject
from modmirror.lab.protocol.measure import Protocol
from modmirror.lab.study.steps import Step
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.demo.stage import DemoStage

_AHEAD, _APART = 1.0, 0.2
"""Seconds until the first new version comes, and between two of them."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of everything."""

    stale: float
    """Seconds that the stale mirror is behind."""
    patience: float
    """Seconds that a new version is looked for."""
    zips: int
    blocks: int
    downloads: int
    faults: tuple[str, ...]
    scale: float
    """Length of the seconds of a fault."""
    protocol: bool = True


FULL = Effort(15.0, 30.0, 24, 40, 6, ("cut", "wrong-zip"), 0.25)
QUICK = Effort(8.0, 14.0, 10, 8, 1, ("cut",), 0.1, protocol=False)


class Scheduled:
    """New versions that the demonstration itself brings into the world: when they came is known exactly."""

    def __init__(self, stage: DemoStage, wall: Callable[[], float]) -> None:
        self.next_at: float | None = float("-inf")
        self._stage = stage
        self._wall = wall

    async def more(self, lab: Lab, now: float) -> Sequence[Birth]:
        """Publish all of them, for a time to come, and say when that is."""
        del lab, now
        self.next_at = None
        begin = self._wall() + _AHEAD
        births = [
            Publish(path, NEW_VERSION, begin + number * _APART) for number, path in enumerate(fresh())
        ]
        await self._stage.publish(births)
        return [Birth(BenchModule(each.module, each.version), each.at) for each in births]


def steps(stage: DemoStage, effort: Effort) -> tuple[Step, ...]:
    """Return the measurements, cheap ones first."""
    key = VerifierKey.parse(stage.database.key)
    modules = asked()
    bench = Bench(BenchPlan(blocks=effort.blocks, zips=effort.downloads, modules=modules, early_stop=False))
    coverage = CoveragePlan(
        entries=corpus(), zips=effort.zips, database=Database(key, (stage.database_url,))
    )
    rehearsals = tuple(
        Rehearsal(scenario=find_scenario(name), scale=effort.scale, second=True) for name in effort.faults
    )
    watch = FreshnessPlan(patience=effort.patience)
    rules = (Step(PROTOCOL, Protocol(_subject(key)), "which parts of the protocol does everybody speak?"),)
    return (
        Step(PROBE, Probe(ProbePlan(modules[0])), "a first look: where the time of a request goes"),
        *(rules if effort.protocol else ()),
        Step(COVERAGE, Coverage(coverage), "does every mirror have every module, and the right bytes?"),
        Step(
            FRESHNESS,
            Freshness(Scheduled(stage, time.time), time.time, watch),
            f"{len(fresh())} new versions come out now: who shows them, and how soon?",
        ),
        Step(
            BENCH,
            bench,
            "who is fast? Everybody is asked for the same, in random order",
            frozenset({BENCH, LOOK}),
            so_far=bench.so_far,
        ),
        Step(
            FAULT,
            Rehearsals(rehearsals),
            f"{SUBJECT} loses its upstream: what do its clients notice?",
            targets=(),
        ),
    )


def _subject(key: VerifierKey) -> Subject:
    """Return what the protocol is examined with: modules of this world."""
    module, upper, toolchain = (
        next(entry.module for entry in corpus() if entry.stratum == stratum)
        for stratum in ("popular", "upper-case", "toolchain")
    )
    absent = next(entry.module for entry in corpus() if not entry.exists)
    return Subject(
        module=module,
        upper=upper,
        recorded=module,
        toolchain=toolchain,
        absent=absent,
        database=Database(key),
        timeout=10.0,
    )
