from __future__ import annotations

from math import log

import pytest

from modmirror.lab.analysis.estimates import estimate, quantile_estimate, ratio_estimate, share_of
from modmirror.lab.results.estimates import Estimate, Share
from modmirror.measure.quantiles import Interval
from modmirror.measure.shares import wilson


def test_too_few_values_are_no_number() -> None:
    assert quantile_estimate([1.0] * 71, 0.95) == Estimate(n=71)
    assert estimate(None, 3) == ratio_estimate(None, 3) == Estimate(n=3)


def test_a_quantile_has_its_interval() -> None:
    assert quantile_estimate(range(100), 0.5) == Estimate(49.5, 39, 60, 100)


def test_a_ratio_comes_back_from_its_logarithm() -> None:
    found = ratio_estimate(Interval(log(2), log(1.5), log(3), 9), 9)
    assert (found.value, found.low, found.high) == pytest.approx((2, 1.5, 3))


def test_a_share_has_wilsons_interval() -> None:
    assert share_of(0, 0) == Share(0, 0, 0, 1)
    assert share_of(95, 100) == Share(95, 100, *wilson(95, 100))
