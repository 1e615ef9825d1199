"""What the demonstration measures, and with how little: a few minutes in all, under one when quick."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.bench.measure import NAME as BENCH
from modmirror.lab.bench.measure import Bench, BenchPlan
from modmirror.lab.cache.analysis import NAME as CACHE
from modmirror.lab.cache.measure import GROUPS, Cache, CachePlan
from modmirror.lab.coverage.measure import NAME as COVERAGE
from modmirror.lab.coverage.measure import Coverage, CoveragePlan
from modmirror.lab.coverage.records import Database
from modmirror.lab.demo.cast import NEW_VERSION, SUBJECT, asked, cold, corpus, everywhere, fresh
from modmirror.lab.demo.world import Publish
from modmirror.lab.fault.measure import NAME as FAULT
from modmirror.lab.fault.measure import Rehearsals
from modmirror.lab.fault.rehearsal import Rehearsal
from modmirror.lab.fault.scenario import find_scenario
from modmirror.lab.freshness.births import Birth
from modmirror.lab.freshness.measure import NAME as FRESHNESS
from modmirror.lab.freshness.measure import Freshness, FreshnessPlan
from modmirror.lab.load.measure import NAME as LOAD
from modmirror.lab.load.measure import Load, LoadPlan
from modmirror.lab.probe.measure import NAME as PROBE
from modmirror.lab.probe.measure import Probe, ProbePlan
from modmirror.lab.protocol.asking import NAME as PROTOCOL
from modmirror.lab.protocol.asking import Subject
from modmirror.lab.protocol.measure import Protocol
from modmirror.lab.replay.analysis import NAME as REPLAY
from modmirror.lab.replay.build import build_of
from modmirror.lab.replay.measure import Replay, ReplayPlan
from modmirror.lab.study.steps import Step
from modmirror.mod.path import check_path
from modmirror.mod.pins import Pin
from modmirror.sumdb.note import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.lab.bundle import Lab
    from modmirror.lab.demo.stage import DemoStage

_RATE = 200.0
"""Requests a second of the load: enough to see something, and fit for any machine."""
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
    cold: int
    """Files that the cache of modmirror is asked for."""
    whole: bool = True
    """With protocol, load and replay."""


FULL = Effort(15.0, 30.0, 24, 40, 6, ("cut", "wrong-zip"), 0.25, 20)
QUICK = Effort(8.0, 14.0, 10, 6, 0, ("cut",), 0.1, 8, whole=False)


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
    return (
        Step(PROBE, Probe(ProbePlan(asked()[0])), "a first look: where the time of a request goes"),
        *((_protocol(key, stage.seed),) if effort.whole else ()),
        _coverage(stage, effort, key),
        _freshness(stage, effort),
        _bench(effort),
        *((_replay(stage),) if effort.whole else ()),
        _cache(stage, effort),
        *((_load(stage),) if effort.whole else ()),
        _fault(effort),
    )


def _protocol(key: VerifierKey, seed: int) -> Step:
    """Examine the protocol with modules of this world."""
    module = everywhere(seed)
    upper, toolchain = (
        next(entry.module for entry in corpus() if entry.stratum == stratum)
        for stratum in ("upper-case", "toolchain")
    )
    subject = Subject(
        module=module,
        upper=upper,
        recorded=module,
        toolchain=toolchain,
        absent=next(entry.module for entry in corpus() if not entry.exists),
        database=Database(key),
        timeout=10.0,
    )
    return Step(PROTOCOL, Protocol(subject), "which parts of the protocol does everybody speak?")


def _coverage(stage: DemoStage, effort: Effort, key: VerifierKey) -> Step:
    database = Database(key, (stage.database_url,))
    plan = CoveragePlan(entries=corpus(), zips=effort.zips, database=database)
    return Step(COVERAGE, Coverage(plan), "does every mirror have every module, and the right bytes?")


def _freshness(stage: DemoStage, effort: Effort) -> Step:
    plan = FreshnessPlan(patience=effort.patience)
    measure = Freshness(Scheduled(stage, time.time), time.time, plan)
    return Step(FRESHNESS, measure, f"{len(fresh())} new versions come out now: who shows them, how soon?")


def _bench(effort: Effort) -> Step:
    plan = BenchPlan(effort.blocks, effort.downloads, asked(), early_stop=False)
    return Step(BENCH, Bench(plan), "who is fast? Everybody is asked for the same, in random order")


def _replay(stage: DemoStage) -> Step:
    pins = [Pin(check_path(module.path), module.version) for module in asked()]
    build = build_of("go.sum of the demonstration", pins, stage.database.name)
    return Step(REPLAY, Replay(ReplayPlan(build)), "what does a whole build cost, ten requests at once?")


def _cache(stage: DemoStage, effort: Effort) -> Step:
    plan = CachePlan(
        keys=effort.cold, together=10, requests=60, modules=cold(effort.cold + 2 * GROUPS), exact=True
    )
    return Step(CACHE, Cache(plan), f"what does the cache of {SUBJECT} save?", targets=(stage.front,))


def _load(stage: DemoStage) -> Step:
    plan = LoadPlan(modules=asked(), rate=_RATE, most=_RATE * 2, seconds=2.0)
    return Step(LOAD, Load(plan), f"does {SUBJECT} stay quick under load?", targets=(stage.front,))


def _fault(effort: Effort) -> Step:
    rehearsals = tuple(
        Rehearsal(scenario=find_scenario(name), scale=effort.scale, second=True) for name in effort.faults
    )
    title = f"{SUBJECT} loses its upstream: what do its clients notice?"
    return Step(FAULT, Rehearsals(rehearsals), title, targets=())
