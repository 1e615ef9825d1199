from __future__ import annotations

from math import fsum

import pytest

from modmirror.measure.desirability import (
    WEIGHTS,
    larger_is_better,
    nearly_all,
    score,
    smaller_is_better,
    weights_for,
)


def test_all_weights_sum_up_to_one() -> None:
    assert fsum(WEIGHTS.values()) == pytest.approx(1)
    assert weights_for(WEIGHTS) == pytest.approx(WEIGHTS)


def test_what_was_not_measured_leaves_its_weight_to_the_others() -> None:
    assert weights_for(["latency", "protocol"]) == pytest.approx({"latency": 0.75, "protocol": 0.25})
    assert weights_for([]) == {}


def test_a_time_counts_by_its_ratio_to_the_best() -> None:
    assert smaller_is_better(0.2, 0.2, 0.005) == 1
    assert smaller_is_better(0.4, 0.2, 0) == 0.5
    assert smaller_is_better(0.1, 0.2, 0) == 1


def test_differences_that_nobody_notices_count_for_little() -> None:
    assert smaller_is_better(0.0003, 0.0001, 0.005) > 0.95
    assert smaller_is_better(0.3, 0.1, 0.005) < 0.35


def test_a_rate_counts_by_its_ratio_to_the_best() -> None:
    assert larger_is_better(5, 10) == 0.5
    assert larger_is_better(12, 10) == 1
    assert larger_is_better(0, 0) == 0


def test_a_share_below_the_useful_is_worth_nothing() -> None:
    assert nearly_all(1.0, 0.9) == 1
    assert nearly_all(0.95, 0.9) == pytest.approx(0.5)
    assert nearly_all(0.9, 0.9) == nearly_all(0.2, 0.9) == 0


def test_score_is_the_weighted_geometric_mean() -> None:
    assert score({"a": 0.25, "b": 1.0}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.5)
    assert score({"a": 1.0, "b": 1.0}, {"a": 0.3, "b": 0.7}) == 1


def test_one_part_of_nothing_costs_much_but_does_not_hide_the_others() -> None:
    weights = {"a": 0.5, "b": 0.5}
    worst, better = score({"a": 0.0, "b": 0.1}, weights), score({"a": 0.0, "b": 1.0}, weights)
    assert 0 < worst < better < 0.01


def test_who_else_takes_part_does_not_change_the_order() -> None:
    times, weights = {"x": 0.2, "y": 0.5}, {"latency": 1.0}
    for best in (0.2, 0.05):
        scores = {
            name: score({"latency": smaller_is_better(time, best, 0)}, weights)
            for name, time in times.items()
        }
        assert scores["y"] / scores["x"] == pytest.approx(0.4)
