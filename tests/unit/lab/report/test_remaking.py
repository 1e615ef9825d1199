from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.analysis.benchkept import bench_result
from modmirror.lab.analysis.freshness import BORN
from modmirror.lab.kept import event_of
from modmirror.lab.load.steps import BEGUN, Begun
from modmirror.lab.replay.analysis import TOOK, Took
from modmirror.lab.report.remaking import REMADE, Kept, remake
from modmirror.lab.results.bench import BenchResult
from modmirror.lab.results.cache import CacheResult
from modmirror.lab.results.coverage import CoverageResult
from modmirror.lab.results.events import Event
from modmirror.lab.results.freshness import FreshnessResult
from modmirror.lab.results.load import LoadResult
from modmirror.lab.results.protocol import ProtocolResult
from modmirror.lab.results.replay import ReplayResult
from tests.fakes.samples import blocks, sample

BENCH = blocks(Random(1), {"x": 0.1, "y": 0.2}, 30)
NOTHING = Kept((), ())


def test_a_bench_is_made_of_its_samples() -> None:
    assert remake(Kept(BENCH, ()), "bench", BenchResult) == bench_result(BENCH, ())


def test_samples_of_one_measurement_make_no_result_of_another() -> None:
    kept = Kept([sample("x", measurement="coverage", case="popular")], ())
    found = remake(kept, "coverage", CoverageResult)
    assert found is not None
    assert found.targets.keys() == {"x"}
    assert remake(kept, "bench", BenchResult) is None
    assert remake(kept, "cache", CacheResult) is None


def test_freshness_needs_births_and_looks() -> None:
    look = sample("x", measurement="freshness", case="list")
    found = remake(Kept([look], [Event(0, BORN, look.path)]), "freshness", FreshnessResult)
    assert found is not None
    assert found.targets["x"]["list"].versions == 1


def test_a_load_is_made_of_events() -> None:
    found = remake(Kept((), [event_of(BEGUN, 0, Begun("x", "poisson"))]), "load", LoadResult)
    assert found is not None
    assert (found.target, found.arrivals, found.steps) == ("x", "poisson", ())


def test_a_replay_is_made_of_events() -> None:
    found = remake(Kept((), [event_of(TOOK, 0, Took("x", 1.0))]), "replay", ReplayResult)
    assert found is not None
    assert found.targets.keys() == {"x"}


@pytest.mark.parametrize("name", REMADE)
def test_of_nothing_nothing_is_made(name: str) -> None:
    assert REMADE[name](NOTHING) is None


def test_what_is_not_in_the_table_is_not_made() -> None:
    assert remake(Kept(BENCH, ()), "protocol", ProtocolResult) is None
