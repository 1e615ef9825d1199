from __future__ import annotations

from itertools import combinations, product
from random import Random

import pytest

from modmirror.measure.ranks import (
    least_p,
    mann_whitney,
    midranks,
    shift,
    signed_rank,
)


def by_all_signs(differences: list[float]) -> float:
    """Count out Wilcoxon's p over every way to put signs."""
    ranks = midranks([abs(each) for each in differences])
    up = sum(rank for rank, each in zip(ranks, differences, strict=True) if each > 0)
    away = abs(up - sum(ranks) / 2)
    ways = [
        sum(rank * sign for rank, sign in zip(ranks, signs, strict=True))
        for signs in product((0, 1), repeat=len(ranks))
    ]
    return sum(abs(way - sum(ranks) / 2) >= away for way in ways) / len(ways)


def by_all_choices(first: list[float], second: list[float]) -> float:
    """Count out Mann-Whitney's p over every way to choose the first from both."""
    ranks = midranks([*first, *second])
    middle = sum(ranks) * len(first) / len(ranks)
    away = abs(sum(ranks[: len(first)]) - middle)
    ways = [sum(each) for each in combinations(ranks, len(first))]
    return sum(abs(way - middle) >= away for way in ways) / len(ways)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert midranks([30, 10, 20, 20]) == [4, 1, 2.5, 2.5]


@pytest.mark.parametrize("seed", range(5))
def test_few_pairs_are_counted_out(seed: int) -> None:
    chance = Random(seed)
    differences = [chance.gauss(0.5, 1) for _ in range(9)]
    assert signed_rank(differences) == pytest.approx(by_all_signs(differences))
    tied = [float(chance.choice((-2, -1, 1, 2, 3))) for _ in range(9)]
    assert signed_rank(tied) == pytest.approx(by_all_signs(tied))


def test_many_pairs_follow_the_normal_law() -> None:
    chance = Random(1)
    differences = [chance.gauss(0.2, 1) for _ in range(31)]
    assert signed_rank(differences[:30]) == pytest.approx(signed_rank(differences), abs=0.05)
    assert signed_rank([1.0] * 60) < 1e-12
    # From scipy.stats.wilcoxon(correction=True, method="approx").
    assert signed_rank([-each if each <= 24 else each for each in range(1, 65)]) == pytest.approx(
        7.598387620e-07, rel=1e-6
    )


def test_no_difference_is_no_evidence() -> None:
    assert signed_rank([0.0, 0.0]) == signed_rank([]) == 1.0
    assert signed_rank([0.0, 1.0, 2.0]) == signed_rank([1.0, 2.0])


def test_shift_is_the_middle_of_all_averages_and_its_interval_by_the_tables() -> None:
    ten = shift([float(each) for each in range(10)])
    assert ten is not None
    assert ten.value == 4.5
    # Tables of the signed rank: of 10 pairs the 9th average from each end.
    averages = sorted((low + high) / 2 for low in range(10) for high in range(low, 10))
    assert (ten.low, ten.high) == (averages[8], averages[-9])


def test_too_few_pairs_have_no_interval() -> None:
    assert shift([1.0] * 5) is None
    assert shift([1.0] * 6) is not None
    assert shift([1.0] * 20, alpha=1e-9) is None
    assert shift([1.0] * 31, alpha=1e-15) is None
    assert shift([]) is None


@pytest.mark.parametrize("n", [12, 60])
def test_interval_leaves_out_zero_just_when_the_test_finds_a_difference(n: int) -> None:
    chance = Random(3)
    verdicts = set()
    for _ in range(200):
        differences = [chance.gauss(0.35, 1) for _ in range(n)]
        found = shift(differences)
        assert found is not None
        outside = not found.low <= 0 <= found.high
        assert outside == (signed_rank(differences) < 0.05)
        verdicts.add(outside)
    assert verdicts == {True, False}


@pytest.mark.parametrize("seed", range(5))
def test_few_values_without_pairs_are_counted_out(seed: int) -> None:
    chance = Random(seed)
    first = [chance.random() for _ in range(4)]
    second = [chance.random() + 0.3 for _ in range(6)]
    assert mann_whitney(first, second) == pytest.approx(by_all_choices(first, second))
    assert mann_whitney(second, first) == mann_whitney(first, second)


def test_many_or_equal_values_without_pairs_follow_the_normal_law() -> None:
    low = [float(each % 7) for each in range(30)]
    high = [each + 1 for each in low]
    # From scipy.stats.mannwhitneyu(method="asymptotic").
    assert mann_whitney(low, high) == pytest.approx(0.075819054, rel=1e-6)
    assert mann_whitney([1.0] * 5, [1.0] * 7) == 1.0


def test_an_empty_side_is_no_evidence() -> None:
    assert mann_whitney([], [1.0]) == mann_whitney([1.0], []) == 1.0


def test_few_values_cannot_reach_a_small_p() -> None:
    assert least_p(3, 3) == 0.1
    assert mann_whitney([1, 2, 3], [4, 5, 6]) == 0.1
