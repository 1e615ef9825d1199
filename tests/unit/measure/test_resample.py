from __future__ import annotations

from random import Random
from statistics import fmean

import pytest

from modmirror.measure.resample import bootstrap, redrawn, resampled, shuffled


def test_a_resample_has_as_many_items_all_of_them_from_the_sample() -> None:
    drawn = resampled(range(50), Random(1))
    assert len(drawn) == 50
    assert set(drawn) < set(range(50))
    assert resampled([], Random(1)) == []


def test_the_same_seed_draws_the_same() -> None:
    assert resampled(range(9), Random(5)) == resampled(range(9), Random(5))


def test_a_shuffle_keeps_every_item_and_reaches_every_order() -> None:
    chance = Random(2)
    orders = [tuple(shuffled("abc", chance)) for _ in range(600)]
    assert {frozenset(order) for order in orders} == {frozenset("abc")}
    assert len(set(orders)) == 6
    assert min(orders.count(order) for order in set(orders)) > 70


def test_a_redrawn_share_lies_around_the_share() -> None:
    chance = Random(3)
    shares = [redrawn(90, 100, chance) for _ in range(400)]
    assert fmean(shares) == pytest.approx(0.9, abs=0.01)
    assert min(shares) < 0.88
    assert max(shares) > 0.92
    assert redrawn(7, 7, chance) == 1.0
    assert redrawn(0, 7, chance) == 0.0


def test_an_interval_of_a_mean_is_that_of_the_normal_law() -> None:
    chance = Random(4)
    values = [chance.gauss(10, 2) for _ in range(200)]
    found = bootstrap(values, fmean, chance)
    assert found is not None
    assert found.value == fmean(values)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 2 / 200**0.5, rel=0.15)
    assert found.low < found.value < found.high


def test_too_few_items_have_no_interval() -> None:
    assert bootstrap([1.0] * 5, fmean, Random(1)) is None
