from __future__ import annotations

from math import comb

import pytest

from modmirror.measure.quantiles import Interval, interval, interval_ranks, least_n, median, quantile


def test_quantile_between_two_values_is_their_mixture() -> None:
    assert quantile([4, 1, 3, 2], 0.5) == 2.5
    assert quantile([0, 10], 0.25) == 2.5
    assert (quantile([5, 1, 9], 0), quantile([5, 1, 9], 1)) == (1, 9)
    assert median([3, 1, 2]) == 2


def test_quantile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        quantile([], 0.5)


@pytest.mark.parametrize(("q", "n"), [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3688)])
def test_an_interval_needs_so_many_values(q: float, n: int) -> None:
    assert least_n(q) == n
    assert interval_ranks(n - 1, q) is None
    assert interval_ranks(n, q) is not None
    assert interval(range(n - 1), q) is None


def test_rare_small_values_need_as_many_as_rare_large_ones() -> None:
    assert least_n(0.1) == least_n(0.9)


@pytest.mark.parametrize(
    ("n", "q", "ranks"),
    [
        (6, 0.5, (1, 6)),
        (30, 0.5, (10, 21)),
        (100, 0.5, (40, 61)),
        (100, 0.95, (90, 100)),
        (400, 0.99, (392, 400)),
        (5000, 0.5, (2431, 2570)),
    ],
)
def test_ranks_are_those_of_the_binomial_tables(n: int, q: float, ranks: tuple[int, int]) -> None:
    assert interval_ranks(n, q) == ranks


@pytest.mark.parametrize("n", [36, 50, 99])
@pytest.mark.parametrize("q", [0.1, 0.5, 0.75, 0.9])
def test_ranks_cover_the_quantile_and_no_narrower_pair_does_at_each_side(n: int, q: float) -> None:
    def at_most(count: int) -> float:
        return sum(comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(count + 1))

    ranks = interval_ranks(n, q)
    assert ranks is not None
    low, high = ranks
    assert at_most(low - 1) <= 0.025 < at_most(low)
    assert at_most(high - 2) < 0.975 <= at_most(high - 1)


def test_interval_names_values_that_were_seen() -> None:
    assert interval(range(100), 0.5) == Interval(49.5, 39, 60, 100)


def test_a_surer_interval_is_wider() -> None:
    sure = interval(range(100), 0.5, alpha=0.001)
    assert sure is not None
    assert sure.low < 39
    assert sure.high > 60
