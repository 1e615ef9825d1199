from __future__ import annotations

from random import Random
from statistics import fmean

import pytest

from modmirror.measure.resample import redrawn, resampled


def test_a_resample_has_as_many_items_all_of_them_from_the_sample() -> None:
    drawn = resampled(range(50), Random(1))
    assert len(drawn) == 50
    assert set(drawn) < set(range(50))
    assert resampled([], Random(1)) == []


def test_the_same_seed_draws_the_same() -> None:
    assert resampled(range(9), Random(5)) == resampled(range(9), Random(5))


def test_a_redrawn_share_lies_around_the_share() -> None:
    chance = Random(3)
    shares = [redrawn(90, 100, chance) for _ in range(400)]
    assert fmean(shares) == pytest.approx(0.9, abs=0.01)
    assert min(shares) < 0.88
    assert max(shares) > 0.92
    assert redrawn(7, 7, chance) == 1.0
    assert redrawn(0, 7, chance) == 0.0
