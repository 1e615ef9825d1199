"""Results of measurements, made again from what a run keeps: the table of those for which that can be done.

A first look, a protocol matrix and a rehearsal of faults keep more than samples can say: theirs are the
stored results only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from modmirror.lab.analysis.bench import MEASUREMENT as BENCH
from modmirror.lab.analysis.benchkept import bench_result
from modmirror.lab.analysis.coverage import MEASUREMENT as COVERAGE
from modmirror.lab.analysis.coverage import coverage_result
from modmirror.lab.analysis.freshness import MEASUREMENT as FRESHNESS
from modmirror.lab.analysis.freshness import freshness_result
from modmirror.lab.cache.analysis import NAME as CACHE
from modmirror.lab.cache.analysis import cache_result
from modmirror.lab.load.steps import BEGUN, load_result
from modmirror.lab.replay.analysis import NAME as REPLAY
from modmirror.lab.replay.analysis import TOOK, replay_result

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msgspec import Struct

    from modmirror.lab.results.events import Event
    from modmirror.measure.sample import Sample

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run keeps."""

    samples: Sequence[Sample]
    events: Sequence[Event]

    def of(self, measurement: str) -> list[Sample]:
        """Return the samples of one measurement."""
        return [sample for sample in self.samples if sample.measurement == measurement]

    def has(self, event: str) -> bool:
        """Say whether there is an event of that name."""
        return any(each.name == event for each in self.events)


Remade: TypeAlias = "Callable[[Kept], Struct | None]"
"""Makes a result; None when nothing of the measurement was kept."""


def _bench(kept: Kept) -> Struct | None:
    return bench_result(kept.of(BENCH), kept.events) if kept.of(BENCH) else None


def _coverage(kept: Kept) -> Struct | None:
    return coverage_result(kept.of(COVERAGE), kept.events) if kept.of(COVERAGE) else None


def _freshness(kept: Kept) -> Struct | None:
    return freshness_result(kept.of(FRESHNESS), kept.events) if kept.of(FRESHNESS) else None


def _load(kept: Kept) -> Struct | None:
    return load_result(kept.events) if kept.has(BEGUN) else None


def _cache(kept: Kept) -> Struct | None:
    return cache_result(kept.of(CACHE), kept.events) if kept.of(CACHE) else None


def _replay(kept: Kept) -> Struct | None:
    return replay_result(kept.of(REPLAY), kept.events) if kept.has(TOOK) else None


REMADE: dict[str, Remade] = {
    "bench": _bench,
    "coverage": _coverage,
    "freshness": _freshness,
    "load": _load,
    "cache": _cache,
    "replay": _replay,
}
"""By the name of the stored result. A measurement whose result is such a function is one row here."""


def remake(kept: Kept, name: str, kind: type[R]) -> R | None:
    """Make a result again; None when it is not in the table, or nothing of it was kept."""
    again = REMADE.get(name)
    found = again(kept) if again else None
    assert found is None or isinstance(found, kind), name  # noqa: S101  # the table and its reader agree
    return found
