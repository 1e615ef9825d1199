from __future__ import annotations

from modmirror.lab.bench.readings import METRICS, readings
from modmirror.lab.results.bench import BenchResult, Distribution, Speed
from modmirror.lab.results.estimates import Estimate

RESULT = BenchResult(
    cases=("info/warm",),
    targets={
        "a": {
            "info/warm": Distribution(
                n=9, failed=1, mean=0.3, median=Estimate(0.2), p95=Estimate(), p99=Estimate(),
                jitter=0.1, ecdf=(), phases={},
            )
        }
    },
    speeds={"a": Speed(receive=Estimate(2e6), whole=Estimate(1e6))},
    comparisons=(),
    groups={},
    blocks=10,
)  # fmt: skip


def test_every_metric_has_a_reading_in_the_units_of_thresholds() -> None:
    found = {(each.case, each.metric): each.value for each in readings(RESULT)}
    assert {metric for _, metric in found} == set(METRICS)
    assert found["info/warm", "median"] == 0.2
    assert found["info/warm", "p95"] is None
    assert found["zip-large", "speed"] == 2e6


def test_times_shares_and_speeds_have_their_units() -> None:
    shown = {(each.case, each.metric): each.shown for each in readings(RESULT)}
    assert shown["info/warm", "median"] == "0.2 s"
    assert shown["info/warm", "jitter"] == shown["info/warm", "failed"] == "10 %"
    assert shown["zip-large", "speed"] == "2 MB/s"
