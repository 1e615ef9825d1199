from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.analysis.bench import bench, may_stop, speeds
from modmirror.lab.results.estimates import Estimate
from tests.fakes.samples import blocks, sample


def test_a_faster_target_has_the_first_letter_and_a_ratio_below_one() -> None:
    result = bench(blocks(Random(1), {"slow": 0.2, "fast": 0.1}))
    (pair,) = result.comparisons
    assert (pair.case, pair.first, pair.second, pair.tie) == ("info/warm", "fast", "slow", False)
    assert pair.ratio.low is not None
    assert pair.ratio.high is not None
    assert pair.ratio.low < 0.5 < pair.ratio.high
    assert pair.p < 1e-6
    assert result.groups == {"info/warm": {"fast": "a", "slow": "b"}}
    assert result.blocks == 100


def test_equal_targets_share_a_letter() -> None:
    result = bench(blocks(Random(2), {"x": 0.1, "y": 0.1}))
    assert result.comparisons[0].tie
    assert set(result.groups["info/warm"].values()) == {"a"}


def test_a_difference_too_small_to_feel_is_a_tie() -> None:
    result = bench(blocks(Random(1), {"x": 0.100, "y": 0.102}, spread=0.01))
    assert result.comparisons[0].p < 0.001
    assert result.comparisons[0].tie


def test_cold_and_warm_are_apart_and_other_measurements_are_left_out() -> None:
    samples = [
        sample("x", 0.3, connection="cold"),
        sample("x", 0.1),
        sample("x", 9, measurement="coverage"),
    ]
    result = bench(samples)
    assert result.cases == ("info/cold", "info/warm")
    assert [result.targets["x"][case].mean for case in result.cases] == [0.3, 0.1]


def test_quantiles_that_n_does_not_allow_are_none() -> None:
    few = bench(blocks(Random(1), {"x": 0.1}, count=71)).targets["x"]["info/warm"]
    assert few.median.value is not None
    assert few.p95 == Estimate(n=71)
    enough = bench(blocks(Random(1), {"x": 0.1}, count=72)).targets["x"]["info/warm"]
    assert enough.p95.value is not None
    assert enough.p99 == Estimate(n=72)


def test_failures_are_counted_and_timeouts_count_as_times() -> None:
    samples = [sample("x", 0.1), sample("x", 30, outcome="timeout"), sample("x", 0.001, outcome="reset")]
    found = bench(samples).targets["x"]["info/warm"]
    assert (found.n, found.failed, found.mean) == (2, 2, 15.05)


def test_a_target_that_never_answers_has_a_row_without_numbers() -> None:
    result = bench([sample("x", outcome="dns"), sample("y")])
    dead = result.targets["x"]["info/warm"]
    assert (dead.n, dead.failed, dead.mean, dead.ecdf, dead.phases) == (0, 1, None, (), {})
    assert result.groups == {"info/warm": {"y": "a"}}


def test_nothing_measured_is_an_empty_result() -> None:
    result = bench([])
    assert (result.cases, result.targets, result.comparisons, result.blocks) == ((), {}, (), 0)


def test_the_curve_has_at_most_200_points_and_ends_with_the_longest() -> None:
    found = bench(blocks(Random(1), {"x": 0.1}, count=501)).targets["x"]["info/warm"]
    assert len(found.ecdf) == 200
    assert found.ecdf[-1][1] == 1
    assert list(found.ecdf) == sorted(found.ecdf)
    few = bench([sample("x", 2), sample("x", 1)]).targets["x"]["info/warm"]
    assert few.ecdf == ((1, 0.5), (2, 1))


def test_phases_are_medians_of_those_that_occurred() -> None:
    found = bench([sample("x", seconds) for seconds in (0.1, 0.2, 0.3)]).targets["x"]["info/warm"]
    assert found.phases == pytest.approx({"send": 0.02, "wait": 0.1, "receive": 0.08})


def test_speeds_are_of_large_downloads_only() -> None:
    downloads = [
        sample("x", seconds, size=2_000_000, case="zip-large", block=block, stutter=0.3)
        for block, seconds in enumerate((1, 1, 1, 2, 2, 2, 1))
    ]
    found = speeds([*downloads, sample("y")])
    assert set(found) == {"x"}
    assert found["x"].receive.value == pytest.approx(5_000_000)
    assert found["x"].whole.value == pytest.approx(2_000_000)
    assert found["x"].jitter_between == pytest.approx(0)
    assert found["x"].jitter_within == 0.3


def test_an_early_end_needs_a_smaller_p() -> None:
    samples = blocks(Random(4), {"x": 0.1, "y": 0.126}, count=25)
    p = bench(samples).comparisons[0].p
    assert 1e-4 < p < 0.04
    assert not bench(samples).comparisons[0].tie
    assert bench(samples, {"info": 100}).comparisons[0].tie


def test_a_clear_bench_may_stop_at_its_first_look() -> None:
    samples = blocks(Random(1), {"x": 0.1, "y": 0.3, "z": 0.9}, count=25)
    assert may_stop(samples, 100)
    assert not may_stop(samples[:-3], 100)
    assert not may_stop(blocks(Random(1), {"x": 0.1, "y": 0.11}, count=25), 100)
    assert not may_stop([], 100)


def test_a_target_that_never_answers_does_not_keep_a_bench_going() -> None:
    samples = blocks(Random(1), {"x": 0.1, "y": 0.3}, count=25)
    dead = [sample("dead", block=block, outcome="refused") for block in range(25)]
    assert may_stop([*samples, *dead], 100)


def test_a_failure_here_and_there_does_not_take_a_look_away() -> None:
    samples = blocks(Random(1), {"x": 0.1, "y": 0.3}, count=25)
    assert may_stop([samples[0], *samples[2:], sample("x", block=0, outcome="reset")], 100)


def test_cases_stand_in_the_same_order_whatever_was_asked_first() -> None:
    found = [sample("x", connection="warm"), sample("x", case="list"), sample("x", connection="cold")]
    assert bench(found).cases == bench(found[::-1]).cases == ("info/cold", "info/warm", "list/warm")
