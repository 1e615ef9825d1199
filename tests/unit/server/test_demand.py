from __future__ import annotations

from modmirror.server.demand import Demand


def test_a_look_returns_what_was_counted_since_the_last_one() -> None:
    demand = Demand()
    demand.asked["x.y/m"] += 2
    demand.asked[""] += 5
    demand.fetched += 100
    assert demand.take() == ({"x.y/m": 2}, 100)
    assert demand.take() == ({}, 0)


def test_whoever_holds_the_counts_goes_on_counting_after_a_look() -> None:
    demand = Demand()
    asked = demand.asked
    demand.take()
    asked["x.y/m"] += 1
    assert demand.take() == ({"x.y/m": 1}, 0)
