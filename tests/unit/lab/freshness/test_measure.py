from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.freshness import BORN
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import ModuleSet
from modmirror.lab.engine.port import Fetched
from modmirror.lab.freshness.births import Birth
from modmirror.lab.freshness.measure import PAST, STOPPED, Freshness, FreshnessPlan
from modmirror.lab.freshness.sources import Listed
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.report.remaking import Kept, remake
from modmirror.lab.results.freshness import FreshnessResult
from modmirror.measure.sample import Timing
from modmirror.mod.path import check_path
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.engine.port import Request
    from modmirror.lab.run.port import Run

EPOCH = 1_750_000_000.0
"""Unix time at instant 0 of the jumping clock."""
BOTH = FreshnessPlan(ways="both", patience=1200.0)


def births(clock: JumpingClock, count: int = 6) -> list[Birth]:
    """Return versions that come one after another, some seconds apart."""
    return [
        Birth(BenchModule(f"example.com/new/m{number}", "v1.0.0"), EPOCH + clock.instant + 7.0 * number)
        for number in range(count)
    ]


async def measured(plan: FreshnessPlan = BOTH, **behaviours: Behaviour) -> tuple[FreshnessResult, Run]:
    clock = JumpingClock()
    known = births(clock)
    modules = ModuleSet.generate(1)
    for birth in known:
        modules.publish(check_path(birth.module.path), birth.module.version, birth.at)

    def wall() -> float:
        return EPOCH + clock.instant

    async with (
        emulated(behaviours, modules, wall) as (_, targets),
        loopback_lab(*targets, clock=clock) as lab,
    ):
        return await Freshness(Listed(known), wall, plan)(lab), lab.run


async def test_a_fresh_mirror_shows_versions_at_the_first_look() -> None:
    result, run = await measured(good=Behaviour())
    for place in ("info", "list", "latest"):
        lag = result.targets["good"][place]
        assert (lag.versions, lag.never) == (6, 0)
        assert lag.within["60"].ok == 6
    # One look each: what was seen is not looked for again.
    assert len(run.samples("freshness")) == 6 * 3


async def test_the_three_lags_of_a_mirror_are_found_apart() -> None:
    result, _ = await measured(old=Behaviour(stale=240.0), slow=Behaviour(late=100.0), good=Behaviour())
    old, slow = result.targets["old"], result.targets["slow"]
    assert old["info"].within["60"].ok == 6
    for place in ("list", "latest"):
        assert old[place].within["60"].ok == 0
        # The truth, 240 s, lies between the last look without it and the first with it.
        assert 240 <= max(point.seconds for point in old[place].curve) <= 600
        assert old[place].never == 0
    assert slow["list"].within["60"].ok == 6
    assert slow["info"].within["60"].ok == 0
    assert 100 <= max(point.seconds for point in slow["info"].curve) <= 300
    assert result.targets["good"]["list"].within["60"].ok == 6


async def test_a_version_that_never_comes_is_given_up_and_counted() -> None:
    result, run = await measured(gone=Behaviour(late=1e9, stale=1e9))
    assert result.targets["gone"]["info"].never == 6
    ages = [sample.started for sample in run.samples("freshness")]
    assert max(ages) < 1200 + 7 * 6
    assert len(run.samples("freshness")) < 6 * 3 * 14


async def test_nothing_is_asked_before_it_exists() -> None:
    _, run = await measured(FreshnessPlan(ways="split"), good=Behaviour(stale=60.0))
    born = {event.text: event.at for event in run.events() if event.name == BORN}
    assert all(sample.started > born[sample.path] for sample in run.samples("freshness"))


async def test_what_is_asked_for_by_name_is_never_watched_passively() -> None:
    _, run = await measured(FreshnessPlan(ways="split"), good=Behaviour())
    named = {sample.path for sample in run.samples() if sample.case == "info"}
    watched = {sample.path for sample in run.samples() if sample.case != "info"}
    assert (len(named), len(watched)) == (3, 3)
    assert not named & watched


async def test_a_mirror_that_is_down_says_nothing_about_freshness() -> None:
    result, _ = await measured(replace(BOTH, patience=100.0), sick=Behaviour(errors=1.0), good=Behaviour())
    assert result.targets["sick"]["list"].within["60"].n == 0
    assert result.targets["good"]["list"].within["60"].ok == 6


async def test_a_mirror_that_hangs_is_asked_once_a_turn() -> None:
    def hanging(request: Request, clock: JumpingClock) -> Fetched:
        return Fetched(request, "timeout", Timing(total=15.0), clock.now(), reason="no answer")

    lab = scripted_lab(targets_named("a"), hanging)
    assert isinstance(lab.clock, JumpingClock)
    clock = lab.clock
    same = [replace(birth, at=EPOCH + 1000.0 - 60.0) for birth in births(clock)]
    plan = replace(BOTH, patience=61.0)
    result = await Freshness(Listed(same), lambda: EPOCH + clock.instant, plan)(lab)
    assert isinstance(lab.engine, ScriptedEngine)
    assert len(lab.engine.asked) == 1
    assert result.targets["a"]["list"].never == 1


def newest(version: str, clock: JumpingClock, request: Request) -> Fetched:
    return answered(request, clock, body=f'{{"Version":"{version}"}}'.encode())


async def test_a_version_that_was_overtaken_has_no_lag_of_latest() -> None:
    lab = scripted_lab(targets_named("a"), lambda request, clock: newest("v1.9.0", clock, request))
    assert isinstance(lab.clock, JumpingClock)
    clock = lab.clock
    source = Listed(births(clock, 1))
    result = await Freshness(source, lambda: EPOCH + clock.instant, replace(BOTH, patience=30.0))(lab)
    assert "latest" not in result.targets["a"]
    assert [event.text for event in lab.run.events() if event.name == PAST] == [
        "example.com/new/m0@v1.0.0 a"
    ]


def list_from(seconds: float, clock: JumpingClock, request: Request) -> Fetched:
    seen = clock.instant >= seconds
    return answered(request, clock, body=b"v1.0.0\n" if seen else b"v0.1.0\n")


async def interrupted(run: Run | None, until: float) -> tuple[Run, Sequence[Request]]:
    """Watch one version that lists show from instant 1100 on; stop at ``until`` as Ctrl-C does."""

    def answer(request: Request, clock: JumpingClock) -> Fetched:
        if clock.instant > until:
            raise asyncio.CancelledError
        return list_from(1100.0, clock, request)

    lab = scripted_lab(targets_named("a"), answer, run=run)
    assert isinstance(lab.clock, JumpingClock)
    clock = lab.clock
    source = Listed(births(clock, 1) if run is None else ())
    if run is not None:
        clock.instant = 1050.0
    plan = FreshnessPlan(ways="passive")
    measure = Freshness(source, lambda: EPOCH + clock.instant, plan)
    if until < 10_000:
        with pytest.raises(asyncio.CancelledError):
            await measure(lab)
        assert measure.so_far(lab.run).targets["a"]["list"].never == 1
    else:
        await measure(lab)
    assert isinstance(lab.engine, ScriptedEngine)
    return lab.run, lab.engine.asked


async def test_a_run_that_was_interrupted_has_a_result_and_goes_on_where_it_ended() -> None:
    run, _ = await interrupted(None, 1050.0)
    before = len(run.samples())
    run, asked = await interrupted(run, 10_000.0)
    assert {request.path for request in asked} == {
        "example.com/new/m0/@v/list",
        "example.com/new/m0/@latest",
    }
    listed = [sample for sample in run.samples()[before:] if sample.case == "list"]
    assert listed[-1].outcome == "ok"
    assert [event.name for event in run.events()].count(BORN) == 1


async def test_the_result_says_what_was_seen_when_the_volume_is_spent() -> None:
    def spent(request: Request, clock: JumpingClock) -> Fetched:
        raise VolumeSpent("200 MB were fetched")

    lab = scripted_lab(targets_named("a"), spent)
    result = await Freshness(Listed(births(JumpingClock(), 1)), lambda: EPOCH + 1000.0)(lab)
    assert result.targets == {}
    assert STOPPED in [event.name for event in lab.run.events()]


async def test_the_result_is_made_again_from_what_the_run_keeps() -> None:
    result, run = await measured(good=Behaviour(stale=60.0))
    assert remake(Kept(run.samples(), run.events()), "freshness", FreshnessResult) == result
