from __future__ import annotations

import pytest

from modmirror.lab.load.sweep import Objective, failing, knee, next_rate, why
from modmirror.lab.results.load import LoadStep

OBJECTIVE = Objective(0.5)


def step(offered: float, failed: str = "", changes: dict[str, object] | None = None) -> LoadStep:
    values: dict[str, object] = {
        "offered": offered, "achieved": offered, "dropped": 0, "response": {"p99": 0.01, "max": 0.02},
        "service": {}, "errors": {}, "client_cpu": 0.1, "n": 1000, "failed": failed, "part": "sweep",
    }  # fmt: skip
    return LoadStep(**(values | (changes or {})))  # type: ignore[arg-type]  # each value is of its field's type


def swept(start: float, most: float | None, capacity: float) -> list[LoadStep]:
    steps: list[LoadStep] = []
    while (rate := next_rate(steps, start, most)) is not None:
        steps.append(step(rate, "too much" if rate > capacity else ""))
        assert len(steps) < 100
    return steps


def test_the_rate_grows_by_a_quarter_until_it_has_failed_twice() -> None:
    steps = swept(100, None, 200)
    assert [round(each.offered, 1) for each in steps] == [100, 125, 156.2, 195.3, 244.1, 244.1]
    assert knee(steps) == pytest.approx(195.3125)
    assert why(steps) == "at 244/s too much"


def test_a_bad_moment_is_no_knee() -> None:
    steps = [step(100), step(125, "hiccup")]
    assert next_rate(steps, 100, None) == 125
    assert next_rate([*steps, step(125)], 100, None) == pytest.approx(156.25)


def test_rates_are_halved_while_nothing_holds_and_then_grow_again() -> None:
    steps = swept(100, None, 30)
    assert knee(steps) == pytest.approx(25)
    rates = [round(each.offered, 1) for each in steps]
    assert rates == [100, 100, 50, 50, 25, 31.2, 31.2]


def test_a_server_that_bears_nothing_has_no_knee() -> None:
    steps = swept(8, None, 0)
    assert knee(steps) is None
    assert min(each.offered for each in steps) == 1.0
    assert why(steps) == "at 1/s too much"


@pytest.mark.parametrize(("most", "first"), [(50, 50), (100, 100), (200, 100), (None, 100)])
def test_the_first_rate_is_not_above_the_highest(most: float | None, first: float) -> None:
    assert next_rate([], 100, most) == first
    steps = swept(100, most, 20)
    assert max(each.offered for each in steps) == first


def test_the_highest_rate_is_not_passed() -> None:
    steps = swept(100, 150, 1000)
    assert [each.offered for each in steps] == [100, 125]
    assert why(steps) == "the highest rate that was tried held"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"errors": {"5xx": 10}}, ""),
        ({"errors": {"5xx": 11}}, "11 of 1000 failed (11 errors, 0 dropped)"),
        ({"errors": {"5xx": 6}, "dropped": 5}, "11 of 1000 failed (6 errors, 5 dropped)"),
        ({"response": {"p99": 0.6}}, "P99 was 600 ms, above 500 ms"),
        ({"response": {"p99": None, "max": 0.7}}, "the longest time was 700 ms, above 500 ms"),
        ({"response": {}}, ""),
        ({"achieved": 98.0}, ""),
        ({"achieved": 97.0}, "97.0% of the rate was answered"),
    ],
)
def test_what_is_beyond_the_knee(changes: dict[str, object], said: str) -> None:
    assert failing(step(100, changes=changes), OBJECTIVE) == said
