from __future__ import annotations

from modmirror.lab.report.facts import Report
from modmirror.lab.report.readings import Reading, readings
from tests.fakes.lab_mirrors import CORRUPT, GOOD, PARTIAL, STALE
from tests.fakes.lab_runs import rich_report


def test_a_number_has_its_interval_and_its_n() -> None:
    report = rich_report()
    assert report.bench is not None
    found = report.bench.targets[GOOD]["info/warm"].median
    assert found.value is not None
    assert Reading(
        "bench", GOOD, "info/warm", "median", "seconds", found.value, found.low, found.high, 100
    ) in list(readings(report))


def test_a_number_that_the_samples_do_not_allow_is_left_out() -> None:
    found = list(readings(rich_report()))
    assert not [each for each in found if each.metric == "p99"]
    assert not [
        each for each in found if each.metric == "lag" and each.target == STALE and each.case == "list"
    ]


def test_an_excluded_target_has_no_score() -> None:
    scored = {each.target for each in readings(rich_report()) if each.metric == "score"}
    assert not {CORRUPT, PARTIAL} & scored


def test_wrong_files_are_counted() -> None:
    counted = {each.target: each.value for each in readings(rich_report()) if each.metric == "mismatches"}
    assert counted[CORRUPT] == 2
    assert counted[GOOD] == 0


def test_every_measurement_is_in_it() -> None:
    assert {each.measurement for each in readings(rich_report())} == {
        "ranking", "bench", "coverage", "freshness", "load", "fault", "replay",
    }  # fmt: skip


def test_a_run_that_found_nothing_has_no_numbers() -> None:
    assert list(readings(Report(run=rich_report().run))) == []
