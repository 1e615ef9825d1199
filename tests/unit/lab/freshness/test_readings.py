from __future__ import annotations

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.freshness.readings import readings
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.freshness import FreshnessResult, Lag
from modmirror.lab.thresholds import Reading


def test_every_number_of_a_place_can_be_asked_for() -> None:
    lag = Lag(Estimate(30.0, 20.0, 50.0, 9), (), {"60": share_of(3, 4), "300": share_of(0, 0)}, 9, 1)
    assert readings(FreshnessResult({"a": {"list": lag}})) == [
        Reading("a", "list", "median", 30.0, "seconds"),
        Reading("a", "list", "within_60", 0.75, "ratio"),
        Reading("a", "list", "within_300", None, "ratio"),
        Reading("a", "list", "never", 1, "versions"),
    ]
