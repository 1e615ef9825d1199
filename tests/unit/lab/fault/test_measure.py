from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, cast

import pytest

from modmirror.lab.bundle import Lab
from modmirror.lab.clock import SystemClock
from modmirror.lab.fault import measure
from modmirror.lab.fault.names import NotPermitted
from modmirror.lab.fault.rehearsal import NotWell, Rehearsal
from modmirror.lab.fault.scenario import find_scenario
from modmirror.lab.progress import Silent
from modmirror.lab.results.events import Event
from modmirror.lab.results.faults import FaultResult, FaultRun
from modmirror.lab.run.manifest import Manifest
from modmirror.lab.run.memory import MemoryRun

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from modmirror.lab.engine.port import Engine

RUN = FaultRun(
    points=(), events=(Event(0.5, "cut"),), detect=0.1, gap=1.0, stale=0, recover=0.0, overshoot=0
)


def lab() -> Lab:
    clock = SystemClock()
    run = MemoryRun(Manifest(verb="fault", seed=1, started="", targets=()), lambda: "")
    # No request goes through the engine: a rehearsal has its own client.
    return Lab((), cast("Engine", None), run, Random(1), clock, Silent(), clock.now())


def rehearsals(*names: str) -> tuple[Rehearsal, ...]:
    return tuple(Rehearsal(scenario=find_scenario(name)) for name in names)


async def test_each_scenario_is_played_so_often_with_another_seed_and_all_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []
    places: set[Path] = set()

    async def play(rehearsal: Rehearsal, directory: Path, note: Callable[[str], None]) -> FaultRun:
        places.add(directory)
        seeds.append(rehearsal.seed)
        note("a line")
        return RUN

    monkeypatch.setattr(measure, "rehearse", play)
    bench = lab()
    result = await measure.Rehearsals(rehearsals("cut", "slow"), repeats=2)(bench)
    assert result == FaultResult("modmirror serve", {"cut": (RUN, RUN), "slow": (RUN, RUN)})
    assert (len(set(seeds)), len(places)) == (4, 4)
    assert bench.run.result("fault", FaultResult) == result
    assert [event.name for event in bench.run.events()] == ["cut: cut"] * 2 + ["slow: cut"] * 2


async def test_what_cannot_be_played_here_is_skipped_aloud_and_the_rest_is_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def play(rehearsal: Rehearsal, directory: Path, note: Callable[[str], None]) -> FaultRun:
        if rehearsal.scenario.name == "dns":
            raise NotPermitted("no namespace")
        return RUN

    monkeypatch.setattr(measure, "rehearse", play)
    result = await measure.Rehearsals(rehearsals("dns", "cut"), repeats=3)(lab())
    assert result.skipped == {"dns": "no namespace"}
    assert list(result.scenarios) == ["cut"]


async def test_what_was_played_before_a_failure_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def play(rehearsal: Rehearsal, directory: Path, note: Callable[[str], None]) -> FaultRun:
        if rehearsal.scenario.name == "slow":
            raise NotWell("gone")
        return RUN

    monkeypatch.setattr(measure, "rehearse", play)
    bench = lab()
    with pytest.raises(NotWell):
        await measure.Rehearsals(rehearsals("cut", "slow"))(bench)
    kept = bench.run.result("fault", FaultResult)
    assert kept is not None
    assert list(kept.scenarios) == ["cut"]
