from __future__ import annotations

from modmirror.lab.replay.readings import METRICS, readings
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.replay import ReplayCost, ReplayResult
from modmirror.lab.thresholds import parse_thresholds, unmet

RESULT = ReplayResult(
    "go.sum",
    {
        "quick": ReplayCost(Estimate(1.5, 1.0, 2.0, 6), 10, 99, 0, Estimate(2.5, 2.0, 3.0, 6)),
        "broken": ReplayCost(Estimate(n=0), 10, 9, 3),
    },
)


def test_bars_are_held_against_medians_and_failures() -> None:
    bars = parse_thresholds(["seconds<2", "go_seconds<2", "failed<=0"], METRICS)
    assert unmet(bars, readings(RESULT)) == [
        "seconds<2: broken, build: n too small",
        "go_seconds<2: quick, build: 2.5 s",
        "failed<=0: broken, build: 3",
    ]
