from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.bench import bench, may_stop
from modmirror.lab.analysis.differences import differences
from modmirror.lab.analysis.ranking import Findings, rank
from modmirror.lab.analysis.warming import left_out, steady, warm_ups
from tests.fakes.samples import blocks, lognormal, sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Sample

SLOW_BLOCKS = 12


def slow_start(seed: int, slow: str = "x", *, times: float = 6.0, count: int = 100) -> list[Sample]:
    """Return a bench of two mirrors alike, one of which takes so many times as long in its first blocks."""
    chance = Random(seed)
    return [
        sample(
            target,
            lognormal(chance, 0.1) * (times if target == slow and block < SLOW_BLOCKS else 1),
            block=block,
        )
        for block in range(count)
        for target in ("x", "y")
    ]


def test_who_began_slowly_is_told_with_how_long_and_by_how_much() -> None:
    found = warm_ups(slow_start(1))
    assert set(found) == {"x"}
    assert abs(found["x"].count - SLOW_BLOCKS) <= 1
    assert found["x"].ratio == pytest.approx(6, rel=0.25)
    assert found["x"].p < 0.005


def test_first_blocks_are_left_out_for_all_targets() -> None:
    samples = slow_start(1)
    cut = left_out(warm_ups(samples))
    assert steady(samples) == [each for each in samples if each.block >= cut]


def test_a_steady_bench_loses_nothing() -> None:
    samples = blocks(Random(1), {"x": 0.1, "y": 0.2})
    assert warm_ups(samples) == {}
    assert steady(samples) == samples


def test_the_slowest_to_begin_decides() -> None:
    late = [each for each in slow_start(2, "y") if each.target == "y"]
    early = [each for each in slow_start(3, times=20, count=106) if each.target == "x" and each.block >= 6]
    shifted = [sample("x", each.timing.total, block=each.block - 6) for each in early]
    found = warm_ups([*late, *shifted])
    assert abs(found["x"].count - 6) <= 1
    assert abs(found["y"].count - SLOW_BLOCKS) <= 1
    assert left_out(found) == found["y"].count


def test_blocks_without_an_answer_count_among_the_first() -> None:
    samples = slow_start(1)
    silent = [sample("x", outcome="reset", block=number) for number in range(3)]
    shifted = [
        sample(each.target, each.timing.total, block=each.block + 3)
        for each in samples
        if each.target == "x"
    ]
    assert warm_ups([*silent, *shifted])["x"].count == warm_ups(samples)["x"].count + 3


@pytest.mark.parametrize(("silent", "found"), [(10, True), (40, False)])
def test_an_outage_at_the_beginning_is_no_warm_up(silent: int, found: bool) -> None:
    shifted = [
        sample("x", each.timing.total, block=each.block + silent)
        for each in slow_start(1)
        if each.target == "x"
    ]
    others = [sample("y", 0.1, block=block) for block in range(100 + silent)]
    out = [sample("x", outcome="reset", block=block) for block in range(silent)]
    assert set(warm_ups([*out, *shifted, *others])) == ({"x"} if found else set())


def test_downloads_and_a_target_without_answers_tell_nothing() -> None:
    zips = [sample("x", 9 if block < 10 else 1, block=block, case="zip-small") for block in range(100)]
    dead = [sample("x", outcome="reset", block=block) for block in range(100)]
    assert warm_ups(zips) == warm_ups(dead) == warm_ups([]) == {}


def test_times_of_a_bench_leave_the_warm_up_out_and_its_failures_stay() -> None:
    samples = [*slow_start(1), sample("x", outcome="reset", block=0)]
    result = bench(samples)
    assert result.warm_up is not None
    cut = left_out(result.warm_up)
    found = result.targets["x"]["info/warm"]
    assert (result.blocks, found.n, found.failed, found.asked) == (100, 100 - cut, 1, 101)
    assert found.p95.value is not None
    assert found.p95.value < 0.25
    assert result.comparisons[0].tie


def test_a_steady_bench_says_that_nothing_is_left_out() -> None:
    result = bench(blocks(Random(1), {"x": 0.1, "y": 0.1}))
    assert result.warm_up == {}
    assert result.targets["x"]["info/warm"].n == 100


def test_whether_a_bench_may_end_is_asked_without_its_warm_up() -> None:
    samples = [
        sample(target, 0.1 * (3 if target == "y" else 1) * (9 if target == "x" and block < 5 else 1)
               * Random(f"{block}{target}").lognormvariate(0, 0.02), block=block)
        for block in range(25)
        for target in ("x", "y")
    ]  # fmt: skip
    assert set(warm_ups(samples)) == {"x"}
    assert may_stop(samples, 100)


def test_a_warm_up_makes_neither_a_loser_nor_a_change() -> None:
    ranking = rank(Findings(("x", "y"), slow_start(1)), Random(1), draws=100)
    assert ranking.winner is None
    assert differences(slow_start(2, times=1), slow_start(1, times=40)) == ()
