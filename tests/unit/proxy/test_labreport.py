from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from modmirror.errors import ConfigError
from modmirror.lab.results.bench import BenchResult, Distribution, Speed
from modmirror.lab.results.estimates import Estimate
from modmirror.measure.score import Prior
from modmirror.proxy.labreport import priors_of_report


def distribution(median: float, **phases: float) -> Distribution:
    known = Estimate(median, median, median, 100)
    return Distribution(100, 0, median, known, known, known, None, (), phases)


def report() -> bytes:
    speed = Estimate(5e6, 4e6, 6e6, 20)
    result = BenchResult(
        cases=("info/warm", "zip-small/warm"),
        targets={
            "goproxy.example": {
                "info/warm": distribution(0.25),
                "zip-small/warm": distribution(0.9, wait=0.3),
            },
            "https://mirror.example/x": {"info/warm": distribution(0.125)},
        },
        speeds={"goproxy.example": Speed(speed, speed)},
        comparisons=(),
        groups={},
        blocks=100,
    )
    return msgspec.json.encode(result)


def test_a_target_is_an_upstream_of_its_name_or_host() -> None:
    known = priors_of_report(report(), ["https://goproxy.example", "https://mirror.example/x", "https://c"])
    assert known == {
        "https://goproxy.example": {"meta": Prior(0.25, 5e6, 0.25), "zip-small": Prior(0.3, 5e6, 0.3)},
        "https://mirror.example/x": {"meta": Prior(0.125, 0.0, 0.125)},
    }


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"targets": 1}', b'"x"'])
def test_what_is_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(ConfigError, match="no report of a bench") as refused:
        priors_of_report(body, ["https://c"])
    assert refused.value.key == "routing.scores"


@pytest.mark.parametrize(
    "case",
    [
        {},
        {"median": None},
        {"median": {"value": None}},
        [],
        {"median": {"value": 0}},
        {"median": {"value": 1e999}},
        {"median": {"value": 10**400}},
        {"median": {"value": True}},
    ],
)
def test_what_was_not_measured_is_not_known(case: Any) -> None:
    body = json.dumps({"targets": {"c": {"info/warm": case}}}).encode()
    assert priors_of_report(body, ["https://c"]) == {"https://c": {}}


@pytest.mark.parametrize("cases", [5, "info/warm", ["info/warm"], None, True])
def test_a_target_that_is_no_table_of_cases_is_no_report(cases: Any) -> None:
    body = json.dumps({"targets": {"c": cases}}).encode()
    with pytest.raises(ConfigError, match="no report of a bench"):
        priors_of_report(body, ["https://c"])


def test_a_report_nested_without_end_is_refused() -> None:
    with pytest.raises(ConfigError, match="no report of a bench"):
        priors_of_report(b"[" * 200_000, ["https://c"])


def test_an_upstream_that_is_a_directory_has_no_host_to_look_for() -> None:
    assert priors_of_report(report(), ["file:///srv/modules"]) == {}
