from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.bench.readings import METRICS, least_blocks, readings
from modmirror.lab.results.bench import BenchResult, Distribution, Speed
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.thresholds import parse_thresholds

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


@pytest.mark.parametrize(
    ("texts", "least"),
    [((), 0), (("median<1s", "jitter<5%"), 0), (("p95<1s",), 72), (("p99<1s", "p95<1s"), 368)],
)
def test_the_rarest_quantile_decides_how_many_blocks_it_takes(texts: tuple[str, ...], least: int) -> None:
    bars = parse_thresholds(texts, METRICS)
    assert least_blocks(bars, 368, "--require", "add --blocks {}") == least


def test_what_cannot_be_told_with_the_blocks_of_the_plan_is_refused_with_their_number() -> None:
    bars = parse_thresholds(("info/warm p95<1s",), METRICS)
    with pytest.raises(ConfigError) as caught:
        least_blocks(bars, 71, "study.require", "write {}")
    assert (caught.value.key, caught.value.hint) == ("study.require", "write 72, or ask for the median")
