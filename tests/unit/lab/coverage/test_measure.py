from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.coverage import CORPUS, RECORDED, coverage
from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.corpus.entries import Entry
from modmirror.lab.coverage.measure import (
    HUNG,
    OWN_SUMS,
    STOPPED,
    UNJUDGED,
    Coverage,
    CoveragePlan,
)
from modmirror.lab.coverage.records import Database
from modmirror.lab.emulate.behaviour import Behaviour
from modmirror.lab.emulate.modules import CATALOGUE, ModuleSet
from modmirror.lab.politeness import VolumeSpent
from modmirror.lab.report.remaking import Kept, remake
from modmirror.lab.results.coverage import CoverageResult
from modmirror.sumdb.note import VerifierKey
from tests.fakes.lab import JumpingClock, ScriptedEngine, answered, scripted_lab, targets_named
from tests.fakes.loopback_lab import emulated, loopback_lab

if TYPE_CHECKING:
    from modmirror.lab.engine.port import Fetched, Request
    from modmirror.lab.run.port import Run

ENTRIES = (
    *(
        Entry(spec.stratum, BenchModule(spec.path, version), large=spec.stratum in {"large", "toolchain"})
        for spec in CATALOGUE
        for version in spec.versions
    ),
    Entry("nonexistent", BenchModule("example.com/lab/none", "v1.0.0"), exists=False),
)
PLAN = CoveragePlan(entries=ENTRIES)
GOOD = Behaviour()


async def covered(
    plan: CoveragePlan = PLAN, *, sumdb: bool = True, **behaviours: Behaviour
) -> tuple[CoverageResult, Run]:
    async with emulated(behaviours) as (database, targets), loopback_lab(*targets) as lab:
        known = Database(VerifierKey.parse(database.key)) if sumdb else None
        return await Coverage(replace(plan, database=known))(lab), lab.run


async def test_a_good_mirror_has_all_of_it_and_is_judged_by_the_database() -> None:
    result, run = await covered(good=GOOD)
    found = result.targets["good"]
    assert found.overall.ok == found.overall.n
    assert found.mismatches == ()
    assert set(result.strata) == {entry.stratum for entry in ENTRIES}
    assert found.strata["nonexistent"].ok == 1
    assert run.manifest.corpus == result.corpus


async def test_large_zips_are_asked_for_only_when_that_is_wanted() -> None:
    _, run = await covered(good=GOOD)
    asked = {sample.path for sample in run.samples()}
    assert "example.com/lab/large/@v/v1.0.0.info" in asked
    assert "example.com/lab/large/@v/v1.0.0.zip" not in asked
    _, run = await covered(replace(PLAN, large=True), good=GOOD)
    assert "example.com/lab/large/@v/v1.0.0.zip" in {sample.path for sample in run.samples()}


async def test_one_corrupting_mirror_alone_is_convicted_by_the_database() -> None:
    result, _ = await covered(bad=Behaviour(corrupt=1.0))
    wrong = result.targets["bad"].mismatches
    assert wrong
    assert {each.authority for each in wrong} == {"sum.lab.test"}
    assert all(each.path.endswith(".zip") for each in wrong)


async def test_without_a_database_the_majority_convicts() -> None:
    result, _ = await covered(sumdb=False, a=GOOD, b=GOOD, bad=Behaviour(corrupt=1.0))
    assert {each.authority for each in result.targets["bad"].mismatches} == {"majority"}
    assert not result.targets["a"].mismatches


async def test_a_zip_that_is_none_is_a_wrong_file() -> None:
    result, _ = await covered(replace(PLAN, zips=6), good=GOOD, bad=Behaviour(garbled=1.0))
    zips = [each for each in result.targets["bad"].mismatches if each.path.endswith(".zip")]
    assert zips
    assert result.targets["good"].mismatches == ()


async def test_an_incomplete_mirror_lacks_what_it_lacks_and_is_not_wrong() -> None:
    result, run = await covered(good=GOOD, poor=Behaviour(missing=0.4))
    poor = result.targets["poor"]
    assert poor.overall.ok < poor.overall.n
    assert poor.mismatches == ()
    assert poor.strata["nonexistent"].ok == 1
    again = coverage(run.samples(), result.corpus)
    assert again.targets["poor"].overall == poor.overall


async def test_a_mirror_that_needs_a_password_has_nothing() -> None:
    result, _ = await covered(locked=Behaviour(auth="a:b"), good=GOOD)
    assert result.targets["locked"].overall.ok == 0
    assert "401" in result.targets["locked"].missing[0]


async def test_the_hashes_of_a_go_sum_judge_and_nothing_is_looked_up() -> None:
    modules = ModuleSet.generate(1)
    path, version = modules.releases()[0]
    release = modules.release(path, version)
    assert release is not None
    entry = Entry("own", BenchModule(path, version), zip_sum=release.h1, mod_sum=release.mod_h1)
    result, run = await covered(CoveragePlan(entries=(entry,)), bad=Behaviour(corrupt=1.0))
    assert {each.authority for each in result.targets["bad"].mismatches} == {OWN_SUMS}
    assert {event.name for event in run.events()} == {CORPUS, RECORDED}


async def test_a_database_that_nobody_passes_on_leaves_a_note() -> None:
    result, run = await covered(a=Behaviour(sumdb=False), b=Behaviour(sumdb=False, corrupt=1.0))
    assert [event.name for event in run.events()] == [CORPUS, UNJUDGED]
    # Two that contradict each other, and nobody to judge: nobody is accused.
    assert not result.targets["b"].mismatches


async def test_the_result_says_what_was_covered_when_the_volume_is_spent() -> None:
    count = 0

    def spent(request: Request, clock: JumpingClock) -> Fetched:
        nonlocal count
        count += 1
        if count > 5:
            raise VolumeSpent("200 MB were fetched")
        return answered(request, clock, status=404)

    lab = scripted_lab(targets_named("a"), spent)
    result = await Coverage(PLAN)(lab)
    assert result.targets["a"].overall.n == 5
    assert [event.name for event in lab.run.events()] == [CORPUS, STOPPED]


async def test_a_mirror_whose_answers_never_end_is_asked_no_more_after_some_timeouts() -> None:
    def hanging(request: Request, clock: JumpingClock) -> Fetched:
        made = answered(request, clock, status=404)
        return made.judged("timeout", "no end") if request.target.name == "endless" else made

    lab = scripted_lab(targets_named("endless", "poor"), hanging)
    result = await Coverage(replace(PLAN, zips=0))(lab)
    assert {name: found.overall.n for name, found in result.targets.items()} == {
        "endless": len(ENTRIES),
        "poor": len(ENTRIES),
    }
    assert isinstance(lab.engine, ScriptedEngine)
    asked = Counter(request.target.name for request in lab.engine.asked)
    assert asked == {"endless": HUNG, "poor": len(ENTRIES)}


@pytest.mark.parametrize(
    ("seconds", "status", "good"), [(1.0, 404, 1), (1.0, 410, 1), (30.0, 404, 0), (1.0, 200, 0)]
)
async def test_what_does_not_exist_must_be_refused_quickly(seconds: float, status: int, good: int) -> None:
    plan = CoveragePlan(entries=ENTRIES[-1:])
    lab = scripted_lab(
        targets_named("a"), lambda request, clock: answered(request, clock, seconds, status=status)
    )
    assert (await Coverage(plan)(lab)).targets["a"].overall.ok == good


async def test_the_result_is_made_again_from_what_the_run_keeps() -> None:
    result, run = await covered(good=GOOD, bad=Behaviour(corrupt=1.0))
    assert remake(Kept(run.samples(), run.events()), "coverage", CoverageResult) == result
