from __future__ import annotations

from modmirror.lab.load.readings import METRICS, readings
from modmirror.lab.results.load import LoadResult, LoadStep
from modmirror.lab.thresholds import parse_thresholds, unmet

SWEPT = LoadStep(100, 100, 5, {"p99": 0.2}, {}, {"5xx": 10}, 0.1, part="sweep", n=1000)
HALF = LoadStep(50, 50, 0, {"p99": None}, {}, {}, 0.1, part="50%", n=500)
RESULT = LoadResult("mine", "poisson", (SWEPT, HALF), 100.0, closed_capacity=300.0)


def test_every_number_can_be_a_bar() -> None:
    found = {(each.case, each.metric): each.value for each in readings(RESULT)}
    assert found == {
        ("knee", "knee"): 100.0,
        ("closed", "capacity"): 300.0,
        ("100/s", "p99"): 0.2,
        ("100/s", "errors"): 0.01,
        ("100/s", "dropped"): 0.005,
        ("50%", "p99"): None,
        ("50%", "errors"): 0.0,
        ("50%", "dropped"): 0.0,
    }


def test_bars_are_held_against_them() -> None:
    bars = parse_thresholds(["knee>100", "100/s p99<100ms", "50% errors<0%"], METRICS)
    assert unmet(bars, readings(RESULT)) == [
        "knee>100: mine, knee: 100/s",
        "100/s p99<100ms: mine, 100/s: 0.2 s",
        "50% errors<0%: mine, 50%: 0 %",
    ]
