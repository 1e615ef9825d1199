from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from modmirror.lab.render.prometheus import write_prometheus
from modmirror.lab.report.facts import Flag, Report
from modmirror.telemetry.metrics import SPECS
from tests.fakes.lab_mirrors import CORRUPT, GOOD
from tests.fakes.lab_runs import rich_report


def values(report: Report) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(write_prometheus(report))
        for sample in family.samples
    }


def test_numbers_are_those_of_the_report() -> None:
    report = rich_report()
    assert report.bench is not None
    found = values(report)
    labels = frozenset({("upstream", GOOD), ("case", "info/warm")})
    assert (
        found["modproxy_lab_median_seconds", labels] == report.bench.targets[GOOD]["info/warm"].median.value
    )
    assert found["modproxy_lab_mismatches", frozenset({("upstream", CORRUPT)})] == 2


def test_a_flag_makes_the_run_invalid() -> None:
    valid = {
        key: value
        for key, value in values(rich_report(flags=(Flag("drift"),))).items()
        if "valid" in key[0]
    }
    assert valid == {
        ("modproxy_run_valid", frozenset({("flag", "complete")})): 1.0,
        ("modproxy_run_valid", frozenset({("flag", "drift")})): 0.0,
    }


def test_a_run_that_was_cut_short_is_not_valid() -> None:
    assert (
        values(rich_report(state="interrupted"))["modproxy_run_valid", frozenset({("flag", "complete")})]
        == 0
    )


def test_no_name_means_something_else_on_the_page_of_the_mirror() -> None:
    names = {family.name for family in text_string_to_metric_families(write_prometheus(rich_report()))}
    assert not names & {spec.name for spec in SPECS}


def test_a_hostile_name_stays_a_label() -> None:
    report = rich_report()
    assert report.ranking is not None
    text = write_prometheus(report).replace(GOOD, GOOD)
    assert all(line.startswith(("#", "modproxy_")) for line in text.splitlines())
