from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.dimensions import Lags, Rates, Rules, Shares, Times, pooled, timed
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import FreshnessResult, Lag
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult, Verdict
from tests.fakes.samples import blocks, sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Sample

XY = ("x", "y")


def lag(value: float | None, low: float | None = None, high: float | None = None) -> Lag:
    return Lag(Estimate(value, low, high, 9), (), {}, 9, 0)


def test_shares_are_judged_by_how_near_they_are_to_all() -> None:
    shares = Shares({"x": share_of(100, 100), "y": share_of(95, 100), "z": share_of(0, 0)}, 0.9)
    assert shares.parts(["x", "y", "z", "unknown"], None) == {"x": 1.0, "y": pytest.approx(0.5)}


def test_shares_are_drawn_anew() -> None:
    shares = Shares({"x": share_of(95, 100)}, 0.5)
    chance = Random(1)
    drawn = {shares.parts(["x"], chance)["x"] for _ in range(50)}
    assert len(drawn) > 5
    assert min(drawn) < 0.9 < max(drawn)


def test_times_are_ratios_to_the_best_over_all_cases() -> None:
    times = Times([{0: {"x": [1.0], "y": [2.0]}}, {0: {"x": [4.0], "y": [2.0]}}], 0.5)
    parts = times.parts(XY, None)
    assert parts["x"] == pytest.approx(parts["y"], rel=0.01)
    assert parts["x"] == pytest.approx(0.5**0.5, rel=0.01)


def test_a_target_without_times_in_a_case_has_no_part() -> None:
    times = Times([{0: {"x": [1.0], "y": [2.0]}}, {0: {"x": [4.0]}}], 0.5)
    assert set(times.parts(XY, None)) == {"x"}


def test_both_targets_are_drawn_from_the_same_blocks() -> None:
    slow_days = {block: {"x": [float(block)], "y": [float(block)]} for block in range(1, 20)}
    for seed in range(20):
        drawn = pooled(slow_days, XY, Random(seed))
        assert drawn["x"] == drawn["y"]
        assert len(drawn["x"]) == 19


def test_rates_are_ratios_to_the_best() -> None:
    rates = Rates({0: {"x": [10.0], "y": [5.0]}, 1: {"x": [10.0], "y": [5.0]}})
    assert rates.parts(["x", "y", "z"], None) == {"x": 1.0, "y": 0.5}


def test_the_lag_of_the_list_counts_first() -> None:
    result = FreshnessResult(
        {"x": {"info": lag(1), "list": lag(60)}, "y": {"list": lag(180), "latest": lag(1)}}
    )
    assert Lags(result).parts(XY, None) == {"x": 1.0, "y": 0.5}


def test_a_lag_that_never_comes_half_way_is_worth_nothing() -> None:
    result = FreshnessResult({"x": {"list": lag(60)}, "y": {"list": lag(None, 900, None)}})
    assert Lags(result).parts(["x", "y", "z"], Random(1)) == {"x": 1.0, "y": 0.0}


def test_lags_are_drawn_within_their_interval() -> None:
    lags = Lags(FreshnessResult({"x": {"list": lag(60)}, "y": {"list": lag(180, 120, 300)}}))
    chance = Random(1)
    drawn = sorted(lags.parts(XY, chance)["y"] for _ in range(400))
    # (60 + 60) by (300 + 60) and by (120 + 60) at the ends of the interval.
    assert drawn[10] == pytest.approx(1 / 3, abs=0.05)
    assert drawn[200] == pytest.approx(1 / 2, abs=0.05)
    assert drawn[-10] == pytest.approx(2 / 3, abs=0.07)


def test_a_protocol_verdict_that_is_open_does_not_count() -> None:
    verdicts: tuple[Verdict, ...] = ("yes", "partly", "no", "unknown", "not-applicable")
    cells = {str(number): Cell(verdict, "") for number, verdict in enumerate(verdicts)}
    result = ProtocolResult(("x", "y"), (Feature("0", ""),), {"x": cells, "y": {"3": Cell("unknown", "")}})
    assert Rules(result).parts(["x", "y", "z"], None) == {"x": 0.5}


def test_a_tail_needs_72_times_of_everybody() -> None:
    middles = {"x": 0.1, "y": 0.2}
    assert set(timed(blocks(Random(1), middles, 71), XY)) == {"latency"}
    assert set(timed(blocks(Random(1), middles, 72), XY)) == {"latency", "tail"}


def zips(count: int) -> list[Sample]:
    return [
        sample(target, 1.0, case="zip-large", size=2_000_000, block=number)
        for target in XY
        for number in range(count)
    ]


def test_zips_tell_speed_and_not_latency() -> None:
    assert set(timed(zips(6), XY)) == {"speed"}


def test_too_few_zips_tell_nothing() -> None:
    assert timed(zips(5), XY) == {}
    assert timed([*zips(6), sample("late", 1.0)], (*XY, "late")).keys() == set()


def test_a_case_in_which_one_has_no_time_is_left_out() -> None:
    assert timed([sample("x"), sample("y", outcome="refused")], XY) == {}
