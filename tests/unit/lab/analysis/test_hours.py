from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.analysis.hours import Hour, hours
from tests.fakes.samples import sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Connection, Outcome, Sample

STARTED = "2026-11-23T23:30:00+00:00"


def at(
    minutes: float, seconds: float = 0.1, *, connection: Connection = "warm", outcome: Outcome = "ok"
) -> Sample:
    return replace(sample("x", seconds, connection=connection, outcome=outcome), started=minutes * 60)


def test_a_run_over_midnight_has_both_hours() -> None:
    found = hours([at(0, 0.1), at(10, 0.3), at(40, 0.2)], STARTED)
    assert found is not None
    assert (found.zone, found.case, found.hours) == ("+0000", "info/warm", ("00", "23"))
    assert found.targets == {"x": {"00": Hour(1, 0, 0.2), "23": Hour(2, 0, 0.2)}}


def test_hours_are_those_of_the_machine_that_measured() -> None:
    found = hours([at(0), at(70)], STARTED, "+0530")
    assert found is not None
    assert (found.zone, found.hours) == ("+0530", ("05", "06"))


def test_one_hour_shows_nothing() -> None:
    assert hours([at(0), at(29)], STARTED) is None
    assert hours([], STARTED) is None


def test_cold_and_warm_are_not_mixed() -> None:
    found = hours([at(0), at(40), at(41), at(42, 9.0, connection="cold")], STARTED)
    assert found is not None
    assert found.targets["x"]["00"] == Hour(2, 0, 0.1)


def test_failures_count_and_have_no_time() -> None:
    found = hours([at(0), at(40, outcome="reset")], STARTED)
    assert found is not None
    assert found.targets["x"]["00"] == Hour(1, 1, None)


def test_a_watch_counts_and_a_coverage_does_not() -> None:
    watched = [replace(at(0), measurement="watch"), replace(at(40), measurement="watch")]
    assert hours(watched, STARTED) is not None
    assert hours([replace(each, measurement="coverage") for each in watched], STARTED) is None
