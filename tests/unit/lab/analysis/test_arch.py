from __future__ import annotations

import pytest

from modmirror.lab.analysis.arch import LEAST_COMPLETION, arch_scores
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import FreshnessResult, Lag
from tests.fakes.samples import sample


def lagging(**medians: float | None) -> FreshnessResult:
    return FreshnessResult(
        {name: {"list": Lag(Estimate(value), (), {}, 9, 0)} for name, value in medians.items()}
    )


def test_it_is_delay_and_mean_and_spread_by_completion() -> None:
    samples = [
        sample("x", 0.1), sample("x", 0.3, block=1), sample("x", 9, block=2, outcome="reset"),
        sample("x", 9, block=3, outcome="reset"),
    ]  # fmt: skip
    assert arch_scores(samples, lagging(x=1800.0)) == {"x": pytest.approx((0.5 + 0.2 + 0.1) / 0.5)}


def test_without_a_measured_delay_only_times_count() -> None:
    assert arch_scores([sample("x", 0.1)], None) == {"x": pytest.approx(0.1)}


def test_a_mirror_whose_lists_never_became_fresh_has_no_score() -> None:
    samples = [sample("x", 0.1), sample("y", 0.1)]
    assert arch_scores(samples, lagging(x=None)) == {}


def test_a_mirror_that_hung_every_time_is_not_divided_by_nothing() -> None:
    hung = [sample("x", 10.0, outcome="timeout")]
    assert arch_scores(hung, None) == {"x": pytest.approx(10.0 / LEAST_COMPLETION)}


def test_downloads_and_other_measurements_do_not_count() -> None:
    assert arch_scores([sample("x", case="zip-large"), sample("x", measurement="coverage")], None) == {}
