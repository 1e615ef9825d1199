from __future__ import annotations

from collections import Counter

import pytest

from modmirror.lab.kept import event_of
from modmirror.lab.load.collector import Pauses
from modmirror.lab.load.job import Merged
from modmirror.lab.load.server import Usage
from modmirror.lab.load.steps import (
    BEGUN,
    CLOSED,
    STEP,
    WRK,
    Begun,
    Seen,
    load_result,
    share_achieved,
    step_of,
    times,
)  # fmt: skip
from modmirror.lab.load.sweep import Objective
from modmirror.lab.results.load import LoadResult
from modmirror.measure.histogram import Histogram

OBJECTIVE = Objective(0.5)


def histogram(*seconds: float) -> Histogram:
    made = Histogram()
    for each in seconds:
        made.record(each)
    return made


def merged(count: int = 400, **changes: object) -> Merged:
    made = Merged(
        planned=count, answered=count, seconds=4.0, planned_span=3.9, answered_span=3.9, cpu=0.25,
        response=histogram(*[0.01] * count), service=histogram(*[0.005] * count),
    )  # fmt: skip
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_too_few_times_have_no_quantile() -> None:
    found = times(histogram(*[0.01] * 400))
    assert found["p99"] == pytest.approx(0.01, rel=0.001)
    assert found["p999"] is None
    assert times(histogram(*[0.01] * 367))["p99"] is None
    assert times(Histogram()) == dict.fromkeys(("p50", "p95", "p99", "p999", "max"))


def test_a_step_tells_both_times_and_what_the_server_used() -> None:
    seen = Seen(Usage(1.0, 5), Usage(3.0, 7_000), Pauses(4, 0.125))
    step = step_of(merged(), 100.0, "sweep", OBJECTIVE, seen)
    assert step.achieved == 100.0
    assert step.response["p50"] == pytest.approx(0.01, rel=0.001)
    assert step.service["p50"] == pytest.approx(0.005, rel=0.001)
    assert (step.server_cpu, step.server_rss) == (0.5, 7_000)
    assert (step.server_gc_count, step.server_gc_seconds) == (4, 0.125)
    assert step.failed == ""
    assert Histogram.decode(step.histogram) == merged().response


def test_a_server_that_cannot_be_seen_has_no_numbers() -> None:
    step = step_of(merged(), 100.0, "sweep", OBJECTIVE)
    assert step.server_cpu is None
    assert step.server_rss is None
    assert step.server_gc_count is None
    assert step.server_gc_seconds is None


def test_the_time_of_the_last_answer_makes_no_difference_but_ever_later_answers_do() -> None:
    assert share_achieved(merged()) == 1.0
    assert share_achieved(merged(answered_span=3.9 / 0.9)) == pytest.approx(0.9)
    assert share_achieved(merged(answered=200)) == 0.5
    assert share_achieved(Merged()) == 0.0


def test_a_result_is_made_from_events_alone() -> None:
    good = step_of(merged(), 100.0, "sweep", OBJECTIVE)
    bad = step_of(merged(errors=Counter({"5xx": 50})), 125.0, "sweep", OBJECTIVE)
    half = step_of(merged(), 50.0, "50%", OBJECTIVE)
    events = [
        event_of(BEGUN, 0.0, Begun("mine", "poisson")),
        event_of(CLOSED, 1.0, 320.5),
        event_of(WRK, 1.5, 321.5),
        *(event_of(STEP, 2.0, step) for step in (good, bad, half)),
    ]
    result = load_result(events)
    assert result.target == "mine"
    assert result.knee == 100.0
    assert result.reason == "at 125/s 50 of 400 failed (50 errors, 0 dropped)"
    assert [step.part for step in result.steps] == ["sweep", "sweep", "50%"]
    assert (result.closed_capacity, result.wrk_capacity) == (320.5, 321.5)


def test_a_run_that_was_interrupted_at_once_has_a_result_too() -> None:
    assert load_result([]) == LoadResult("", "", (), None, "the highest rate that was tried held")


def test_of_several_loads_in_one_run_the_last_counts() -> None:
    first, second = (event_of(BEGUN, 0.0, Begun(name, "poisson")) for name in ("one", "two"))
    step = event_of(STEP, 1.0, step_of(merged(), 100.0, "sweep", OBJECTIVE))
    result = load_result([first, step, step, event_of(CLOSED, 2.0, 5.0), second, step])
    assert (result.target, len(result.steps), result.closed_capacity) == ("two", 1, None)
