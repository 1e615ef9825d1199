from __future__ import annotations

import pytest

from modmirror.measure.score import Prior, Track
from modmirror.routing.limits import StallRule, header_timeout, hedge_delay


def track(*seconds: float) -> Track:
    made = Track()
    for each in seconds:
        made.answered(each, 0.0)
    return made


@pytest.mark.parametrize(("seconds", "delay"), [(0.001, 0.02), (0.2, 0.2), (5.0, 1.0)])
def test_a_hedge_waits_for_the_95th_percentile_within_bounds(seconds: float, delay: float) -> None:
    assert hedge_delay(track(*[seconds] * 20), 0.0) == delay


def test_with_few_samples_a_hedge_waits_three_times_the_score() -> None:
    known = Track(prior=Prior(0.1))
    assert hedge_delay(known, 0.0) == pytest.approx(0.3)
    assert hedge_delay(Track(), 0.0) == 1.0


@pytest.mark.parametrize(("seconds", "timeout"), [(0.03, 1.0), (0.5, 2.0), (9.0, 10.0)])
def test_an_answer_may_take_four_times_the_99th_percentile(seconds: float, timeout: float) -> None:
    assert header_timeout(track(*[seconds] * 20), "meta") == timeout


@pytest.mark.parametrize(("seconds", "timeout"), [(0.03, 1.0), (0.25, 5.0), (2.0, 10.0)])
def test_with_few_samples_an_answer_may_take_twenty_medians(seconds: float, timeout: float) -> None:
    assert header_timeout(track(*[seconds] * 3), "meta") == timeout


def test_after_an_outage_the_long_run_says_how_long_an_answer_may_take() -> None:
    recovered = track(*[0.25] * 7)
    recovered.forget_recent()
    assert header_timeout(recovered, "meta") == 5.0


def test_an_unknown_upstream_gets_the_longest_limit() -> None:
    assert header_timeout(Track(), "meta") == 10.0
    assert header_timeout(track(0.03, 0.03), "meta") == 10.0


def test_a_zip_may_be_in_the_making() -> None:
    assert header_timeout(track(*[0.03] * 20), "zip-small") == 20.0


def test_a_stall_is_below_ten_kilobytes_a_second_for_fifteen_seconds() -> None:
    assert StallRule() == StallRule(rate=10_000.0, seconds=15.0)
