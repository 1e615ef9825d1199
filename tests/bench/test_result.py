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
    assert Result("a", "x", Bar(1.0), (0.1, 1.1, 1.2)).passed is True
    assert Result("a", "x", Bar(1.0), (0.1, 0.9, 9.0)).passed is False


def test_nothing_asked_or_nothing_measured_has_no_verdict() -> None:
    assert Result("a", "x", FOR_INFORMATION, (1.0,)).passed is None
    assert Result("a", "x", Bar(1.0), unavailable="no wrk").passed is None


def test_pairs_belong_to_one_repetition() -> None:
    assert ratios((2.0, 9.0), (1.0, 3.0)) == (2.0, 3.0)
    assert differences((2.0, 9.0), (1.0, 3.0)) == (1.0, 6.0)
    with pytest.raises(ValueError, match="zip"):
        ratios((1.0,), ())


def test_table_shows_bar_and_verdict() -> None:
    table = as_table(
        [
            Result("fast", "x", Bar(1.0), (1.0, 1.25, 1.5)),
            Result("slow", "ms", Bar(20.0, "at most"), (30.0,), "on a bad day"),
            Result("none", "x", FOR_INFORMATION, unavailable="wrk is missing: apt install wrk"),
        ]
    )
    assert [" ".join(line.split()) for line in table.splitlines()[1:]] == [
        "fast 1.25 x 1.00 - 1.50 >= 1 pass",
        "slow 30.0 ms 30.0 - 30.0 <= 20 FAIL on a bad day",
        "none - wrk is missing: apt install wrk",
    ]


def test_json_keeps_every_number() -> None:
    result = Result("fast", "x", Bar(1.0), (1.0, 1.5), details={"mirror requests/s": (10.0, 15.0)})
    written = json.loads(as_json([result], {"cpu": "made up"}))
    assert written["machine"] == {"cpu": "made up"}
    assert written["results"][0]["values"] == [1.0, 1.5]
    assert written["results"][0]["details"] == {"mirror requests/s": [10.0, 15.0]}
    assert written["results"][0]["passed"] is True
