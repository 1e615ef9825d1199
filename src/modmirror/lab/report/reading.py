"""From the folder of a run to the facts of a report. Nothing is measured, nothing is written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec.structs import replace

from modmirror.lab.analysis.arch import arch_scores
from modmirror.lab.analysis.bench import MEASUREMENT as BENCH
from modmirror.lab.analysis.hours import hours
from modmirror.lab.analysis.times import rates_by_block
from modmirror.lab.analysis.warming import steady
from modmirror.lab.report.facts import OWN_SHARE, Flag, Report, RunFacts, TargetFacts
from modmirror.lab.report.numbers import seconds
from modmirror.lab.report.remaking import REMADE, Kept, remake
from modmirror.lab.results.bench import BenchResult
from modmirror.lab.results.cache import CacheResult
from modmirror.lab.results.coverage import CoverageResult
from modmirror.lab.results.faults import FaultResult
from modmirror.lab.results.freshness import FreshnessResult
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.results.load import LoadResult
from modmirror.lab.results.probe import ProbeResult
from modmirror.lab.results.protocol import ProtocolResult
from modmirror.lab.results.ranking import Ranking
from modmirror.lab.results.replay import ReplayResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.lab.results.events import Event
    from modmirror.lab.run.manifest import Environment, Manifest
    from modmirror.measure.sample import Sample

R = TypeVar("R")

_RANKING = "ranking"
"""Made by each report that finds none."""


class StoredRun(Protocol):
    """What is read of a run."""

    @property
    def manifest(self) -> Manifest:
        """What the run says of itself."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What a reader should know of the files, after they were read."""
        ...

    def samples(self, measurement: str | None = None) -> Sequence[Sample]:
        """Return the samples."""
        ...

    def events(self) -> Sequence[Event]:
        """Return the events."""
        ...

    def result(self, name: str, kind: type[R]) -> R | None:
        """Return a stored result."""
        ...


class _Results:
    """Results as they were stored, else as samples and events have them."""

    def __init__(self, run: StoredRun, kept: Kept, *, remade: bool) -> None:
        self._run = run
        self._kept = kept
        self._all = remade
        self.remade: tuple[str, ...] = ()

    def result(self, name: str, kind: type[R]) -> R | None:
        again = self._all and (name in REMADE or name == _RANKING)
        stored = None if again else self._run.result(name, kind)
        if stored is not None:
            return stored
        found = remake(self._kept, name, kind)
        if found is not None:
            self.remade += (name,)
        return found


def read_report(run: StoredRun, *, remade: bool = False) -> Report:
    """Return all that a run found.

    A result that was not stored (the disk was full, the program was killed) is made from the samples.

    Args:
        run: what is read.
        remade: make every result again of which that can be done, whatever is stored.

    Raises:
        StorageBroken: a file of it is no such thing.
    """
    kept = Kept(run.samples(), run.events())
    found = _Results(run, kept, remade=remade)
    report = _read(found, _facts(run.manifest, kept.samples, run.notes))
    facts = replace(report.run, remade=found.remade)
    return replace(
        report,
        run=facts,
        downloads=downloads(kept.samples),
        hours=hours(kept.samples, run.manifest.started, run.manifest.environment.timezone),
        arch=arch_scores(kept.samples, report.freshness),
    )


def _read(run: _Results, facts: RunFacts) -> Report:
    return Report(
        run=facts,
        ranking=run.result(_RANKING, Ranking),
        protocol=run.result("protocol", ProtocolResult),
        coverage=run.result("coverage", CoverageResult),
        freshness=run.result("freshness", FreshnessResult),
        probe=run.result("probe", ProbeResult),
        bench=run.result("bench", BenchResult),
        load=_alone(run.result("load", LoadResult)),
        cache=run.result("cache", CacheResult),
        faults=_alone(run.result("fault", FaultResult)),
        links=run.result("links", tuple[LinkCheck, ...]) or (),
        replay=run.result("replay", ReplayResult),
    )


def _alone(found: R | None) -> tuple[R, ...]:
    return () if found is None else (found,)


def downloads(samples: Sequence[Sample]) -> dict[str, tuple[float, ...]]:
    """Return bytes a second of each good download of 1 MB or more, by target, without a bench's warm-up."""
    speeds: dict[str, list[float]] = defaultdict(list)
    for block in rates_by_block(steady([each for each in samples if each.measurement == BENCH])).values():
        for target, rates in block.items():
            speeds[target] += rates
    return {target: tuple(each) for target, each in speeds.items()}


def _facts(manifest: Manifest, samples: Sequence[Sample], notes: Sequence[str]) -> RunFacts:
    return RunFacts(
        command=" ".join(manifest.command) or f"modmirror lab {manifest.verb}",
        version=manifest.environment.version,
        seed=manifest.seed,
        state=manifest.state,
        started=manifest.started,
        ended=manifest.ended,
        region=manifest.region,
        corpus=manifest.corpus,
        targets=tuple(
            TargetFacts(each.name, each.url, each.region, each.operator) for each in manifest.targets
        ),
        flags=tuple(Flag(flag.name, flag.text) for flag in manifest.flags),
        environment=_environment(manifest.environment, manifest.floor),
        requests=len(samples),
        failed=sum(sample.outcome != "ok" for sample in samples),
        received=sum(sample.size for sample in samples),
        notes=tuple(notes),
    )


def _environment(environment: Environment, floor: Mapping[str, float]) -> dict[str, str]:
    facts = {name: str(getattr(environment, name)) for name in environment.__struct_fields__}
    if floor:
        facts[OWN_SHARE] = ", ".join(f"{phase} {seconds(least)}" for phase, least in floor.items())
    return {name: text for name, text in facts.items() if text and name != "version"}
