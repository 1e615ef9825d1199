from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modmirror.lab.pacer import Arrivals, instants


def test_constant_arrivals_are_even() -> None:
    assert list(instants("constant", 4.0, 1.0, Random(0))) == [0.0, 0.25, 0.5, 0.75]


def test_poisson_arrivals_have_the_rate_and_the_spread_of_independent_clients() -> None:
    found = list(instants("poisson", 100.0, 200.0, Random(5)))
    gaps = [after - before for before, after in pairwise(found)]
    assert len(found) == pytest.approx(20_000, rel=0.03)
    # The standard deviation of an exponential law is its mean.
    assert pstdev(gaps) == pytest.approx(fmean(gaps), rel=0.03)


def test_the_same_seed_gives_the_same_instants() -> None:
    first, second = (list(instants("poisson", 50.0, 2.0, Random(9))) for _ in range(2))
    assert first == second


@given(
    arrivals=st.sampled_from(("poisson", "constant")),
    rate=st.floats(0.1, 500.0),
    seconds=st.floats(0.01, 5.0),
    seed=st.integers(0, 99),
)
def test_instants_are_in_order_and_within_the_time(
    arrivals: Arrivals, rate: float, seconds: float, seed: int
) -> None:
    found = list(instants(arrivals, rate, seconds, Random(seed)))
    assert found == sorted(found)
    assert all(0 <= instant < seconds for instant in found)
