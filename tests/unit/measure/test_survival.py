from __future__ import annotations

from math import inf
from random import Random

import pytest

from modmirror.measure.shares import wilson
from modmirror.measure.survival import Middle, Seen, Step, curve, middle


def exact(*times: float) -> list[Seen]:
    return [Seen(time, time) for time in times]


def shares(things: list[Seen]) -> dict[float, float]:
    return {step.seconds: round(step.share, 6) for step in curve(things)}


def test_exact_times_rise_one_by_one() -> None:
    steps = curve(exact(1, 2, 2, 4))
    assert [(step.since, step.seconds, round(step.share, 9)) for step in steps] == [
        (1, 1, 0.25),
        (2, 2, 0.75),
        (4, 4, 1.0),
    ]
    assert (steps[1].low, steps[1].high) == pytest.approx(wilson(3, 4), abs=1e-6)


def test_what_was_never_seen_shares_its_part_out_to_later_times() -> None:
    # Kaplan and Meier by hand: 1/4; then of the 3/4 left one of two at risk.
    assert shares([*exact(1), Seen(2), *exact(3), Seen(4)]) == {1: 0.25, 3: 0.625}


def test_nothing_ever_seen_has_no_curve() -> None:
    assert curve([Seen(5), Seen(9)]) == ()
    assert curve([]) == ()


def test_spans_that_overlap_rise_where_most_of_them_agree() -> None:
    assert shares([Seen(0, 10), Seen(5, 15), Seen(20, 30)]) == {10: 0.666667, 30: 1.0}


def test_spans_leave_their_beginning_out() -> None:
    assert shares([Seen(0, 5), Seen(5, 10)]) == {5: 0.5, 10: 1.0}
    assert shares([Seen(5, 5), Seen(5, 10)]) == {5: 0.5, 10: 1.0}


def test_a_wide_span_is_shared_out_as_the_narrow_ones_say() -> None:
    # By hand: each of two spots has one of its own and half of the third.
    assert shares([Seen(0, 1), Seen(2, 3), Seen(0, 3)]) == {1: 0.5, 3: 1.0}
    # Two against one of their own: the wide one goes two thirds to one third.
    assert shares([Seen(0, 1), Seen(0, 1), Seen(2, 3), Seen(0, 3)]) == {
        1: pytest.approx(2 / 3, abs=1e-4),
        3: 1.0,
    }


def test_bands_never_fall_and_hold_the_curve() -> None:
    chance = Random(1)
    things = []
    for _ in range(60):
        time = chance.expovariate(1 / 40)
        looks = [look * chance.uniform(0.9, 1.1) for look in (5, 15, 35, 75, 155)]
        before = max([look for look in looks if look < time], default=0.0)
        things.append(Seen(before, min([look for look in looks if look >= time], default=inf)))
    steps = curve(things)
    assert all(step.low <= step.share <= step.high for step in steps)
    for name in ("share", "low", "high", "seconds"):
        column = [getattr(step, name) for step in steps]
        assert column == sorted(column)


def test_the_median_lies_in_its_step_by_proportion() -> None:
    steps = (Step(0, 10, 0.25, 0.1, 0.45), Step(20, 40, 0.75, 0.4, 0.9), Step(50, 60, 1, 0.6, 1))
    assert middle(steps, 8) == Middle(30, 20, 60)


def test_a_median_that_was_not_reached_is_open() -> None:
    steps = (Step(0, 10, 0.4, 0.2, 0.6),)
    assert middle(steps, 8) == Middle(None, 0, None)
    assert middle((), 8) == Middle(None, None, None)


def test_fewer_than_six_have_no_median() -> None:
    assert middle(curve(exact(1, 2, 3, 4, 5)), 5) == Middle(None, None, None)
    assert middle(curve(exact(1, 2, 3, 4, 5, 6)), 6).value == 3


def test_a_band_holds_the_truth_about_as_often_as_it_promises() -> None:
    chance = Random(7)
    held = 0
    for _ in range(100):
        things = []
        for _ in range(50):
            time = chance.expovariate(1 / 60)
            low = 0.0
            while (high := low + chance.uniform(8, 30)) < time:
                low = high
            things.append(Seen(low, high))
        found = middle(curve(things), len(things))
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 41.6 <= found.high
    assert held >= 93
