from __future__ import annotations

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.thresholds import Reading, Shortfall, parse_thresholds, shortfalls, unmet

METRICS = ("p95", "median", "speed", "failed")
READINGS = [
    Reading("a", "info/warm", "p95", 0.15, "seconds"),
    Reading("a", "zip-large/warm", "p95", None),
    Reading("b", "info/warm", "p95", 0.25, "seconds"),
    Reading("b", "info/warm", "failed", 0.02, "ratio"),
]


@pytest.mark.parametrize(
    ("text", "case", "value"),
    [
        ("p95<200ms", "", 0.2),
        (" p95 <= 200 us ", "", 0.0002),
        ("info/cold median<0.5s", "info/cold", 0.5),
        ("module:golang.org/x/net p95<1s", "module:golang.org/x/net", 1.0),
        ("speed>2MB/s", "", 2e6),
        ("failed<1%", "", 0.01),
    ],
)
def test_a_bar_is_read_with_its_unit(text: str, case: str, value: float) -> None:
    (threshold,) = parse_thresholds([text], METRICS)
    assert threshold.case == case
    assert threshold.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("p95", "is no threshold"),
        ("p95=2", "is no threshold"),
        ("p95<fast", "is no threshold"),
        ("p95<2 hours", "is no threshold"),
        ("p97<2ms", 'there is no metric "p97"'),
    ],
)
def test_a_bar_that_is_none_is_wrong_input(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse_thresholds([text], METRICS)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("p95<300ms", []),
        ("p95<200ms", ["p95<200ms: b, info/warm: 0.25 s"]),
        ("p95<=250ms", []),
        ("p95>=0.2s", ["p95>=0.2s: a, info/warm: 0.15 s"]),
        ("zip-large/warm p95<1s", ["zip-large/warm p95<1s: a, zip-large/warm: n too small"]),
        ("failed<1%", ["failed<1%: b, info/warm: 2 %"]),
        ("speed>1MB/s", ["speed>1MB/s: nothing of the kind was measured"]),
    ],
)
def test_what_does_not_meet_a_bar_is_told(text: str, sentences: list[str]) -> None:
    assert unmet(parse_thresholds([text], METRICS), READINGS) == sentences


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.310004, "seconds", "0.310004 s"),
        (0.999, "ratio", "99.9 %"),
        (1.5e6, "bytes/s", "1.5 MB/s"),
        (812.5, "requests/s", "812.5/s"),
        (3, "files", "3"),
        (3, "", "3"),
        (None, "seconds", "n too small"),
    ],
)
def test_a_number_is_shown_in_the_unit_of_its_metric(value: float | None, unit: str, shown: str) -> None:
    assert Reading("a", "x", "m", value, unit).shown == shown


def test_a_target_without_any_number_meets_no_bar() -> None:
    readings = [Reading("a", "x", "p95", None), Reading("b", "x", "p95", 0.1)]
    assert unmet(parse_thresholds(["p95<1s"], METRICS), readings) == ["p95<1s: a, x: n too small"]


def test_a_shortfall_keeps_the_bar_and_the_number_that_misses_it() -> None:
    bars = parse_thresholds(["p95<200ms", "speed>1MB/s"], METRICS)
    assert list(shortfalls(bars, READINGS)) == [
        Shortfall("p95<200ms", READINGS[2]), Shortfall("speed>1MB/s", None),
    ]  # fmt: skip
