from __future__ import annotations

import json

import pytest

from bench.report import as_json, as_table
from bench.result import FOR_INFORMATION, Bar, Result, differences, ratios


@pytest.mark.parametrize(
    ("bar", "value", "met"),
    [
        (Bar(1.0), 1.0, True),
        (Bar(1.0), 0.999, False),
        (Bar(1.1, "at most"), 1.1, True),
        (Bar(1.1, "at most"), 1.11, False),
        (FOR_INFORMATION, 0.0, True),
    ],
)
def test_bar_is_met_at_its_limit(bar: Bar, value: float, *, met: bool) -> None:
    assert bar.met_by(value) is met


def test_verdict_is_about_the_median() -> None:
    assert Result("a", "x", Bar(1.0), (0.1, 1.1, 1.2)).verdict == "pass"
    assert Result("a", "x", Bar(1.0), (0.1, 0.9, 9.0)).verdict == "fail"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.97, 0.98, 0.99, 0.99, 1.01, 1.02), "tie"),
        ((0.93, 0.94, 0.95, 0.96, 0.97, 0.98), "fail"),
        ((0.99, 1.01), "pass"),
        ((0.97, 1.01), "fail"),
    ],
)
def test_a_tie_needs_an_interval_that_reaches_the_bar(values: tuple[float, ...], verdict: str) -> None:
    assert Result("a", "x", Bar(1.0), values).verdict == verdict


def test_a_tie_is_told_for_bars_in_both_directions() -> None:
    values = (1.08, 1.09, 1.12, 1.12, 1.13, 1.14)
    assert Result("a", "x", Bar(1.1, "at most"), values).verdict == "tie"
    assert Result("a", "x", Bar(1.05, "at most"), values).verdict == "fail"


def test_nothing_asked_or_nothing_measured_has_no_verdict() -> None:
    assert Result("a", "x", FOR_INFORMATION, (1.0,)).verdict is None
    assert Result("a", "x", Bar(1.0), unavailable="no wrk").verdict is None


def test_pairs_belong_to_one_repetition() -> None:
    assert ratios((2.0, 9.0), (1.0, 3.0)) == (2.0, 3.0)
    assert differences((2.0, 9.0), (1.0, 3.0)) == (1.0, 6.0)
    with pytest.raises(ValueError, match="zip"):
        ratios((1.0,), ())


def test_table_shows_bar_and_verdict() -> None:
    table = as_table(
        [
            Result("fast", "x", Bar(1.0), (1.0, 1.25, 1.5)),
            Result("same", "x", Bar(1.0), (0.97, 0.98, 0.99, 0.99, 1.01, 1.02)),
            Result("slow", "ms", Bar(20.0, "at most"), (30.0,), "on a bad day"),
            Result("none", "x", FOR_INFORMATION, unavailable="wrk is missing: apt install wrk"),
        ]
    )
    assert [" ".join(line.split()) for line in table.splitlines()[1:]] == [
        "fast 1.25 x n too small >= 1 pass",
        "same 0.99 x 0.97 - 1.02 >= 1 tie",
        "slow 30.0 ms n too small <= 20 FAIL on a bad day",
        "none - wrk is missing: apt install wrk",
    ]


def test_json_keeps_every_number() -> None:
    result = Result("fast", "x", Bar(1.0), (1.0, 1.5), details={"mirror requests/s": (10.0, 15.0)})
    written = json.loads(as_json([result], {"cpu": "made up"}))
    assert written["machine"] == {"cpu": "made up"}
    assert written["results"][0]["values"] == [1.0, 1.5]
    assert written["results"][0]["details"] == {"mirror requests/s": [10.0, 15.0]}
    assert written["results"][0]["verdict"] == "pass"
