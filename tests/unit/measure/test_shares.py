from __future__ import annotations

import pytest

from modmirror.measure.shares import least_attempts, wilson, wilson_of_share


@pytest.mark.parametrize(
    ("ok", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775327998628892),
        (10, 10, 0.7224672001371109, 1.0),
        (95, 100, 0.888249530768081, 0.9784563208456319),
    ],
)
def test_wilson_is_that_of_the_tables(ok: int, n: int, low: float, high: float) -> None:
    assert wilson(ok, n) == pytest.approx((low, high), abs=1e-12)


def test_of_no_attempts_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("ok", "n"), [(11, 10), (-1, 10), (1, 0)])
def test_more_good_ones_than_attempts_are_refused(ok: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(ok, n)


def test_so_many_good_attempts_prove_a_share() -> None:
    assert least_attempts(0.99) == 381
    assert wilson(381, 381)[0] >= 0.99 > wilson(380, 380)[0]


def test_an_estimated_share_is_as_sure_as_its_attempts() -> None:
    assert wilson_of_share(0.5, 20) == wilson(10, 20)
    assert wilson_of_share(0.5, 20.5)[0] > wilson(10, 20)[0]
