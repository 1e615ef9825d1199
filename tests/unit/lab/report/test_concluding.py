from __future__ import annotations

from random import Random

from msgspec.structs import replace

from modmirror.lab.report.concluding import conclude
from modmirror.lab.report.facts import Report
from tests.fakes.lab_mirrors import CORRUPT, GOOD, TARGETS
from tests.fakes.lab_runs import rich_report


def test_a_stored_ranking_is_kept_and_a_setting_computed() -> None:
    rich = rich_report()
    found = conclude(replace(rich, setting=None), (), Random(1))
    assert found.ranking == rich.ranking
    assert found.setting is not None
    assert found.setting.goproxy.startswith(TARGETS[0].url)


def test_without_a_stored_ranking_one_is_made() -> None:
    found = conclude(replace(rich_report(), ranking=None, setting=None), (), Random(1))
    assert found.ranking is not None
    places = {each.target: each for each in found.ranking.targets}
    assert places[CORRUPT].score is None
    assert places[GOOD].score is not None


def test_the_same_chance_draws_the_same_ranking() -> None:
    report = replace(rich_report(), ranking=None)
    assert conclude(report, (), Random(3)) == conclude(report, (), Random(3))


def test_for_whom_changes_the_setting() -> None:
    developer = conclude(rich_report(), (), Random(1)).setting
    ci = conclude(rich_report(), (), Random(1), "ci").setting
    assert developer is not None
    assert ci is not None
    assert developer.goproxy.endswith(",direct")
    assert not ci.goproxy.endswith(",direct")


def test_a_run_that_tells_no_mirrors_apart_is_not_ranked() -> None:
    rich = rich_report()
    report = Report(run=rich.run, load=rich.load, faults=rich.faults)
    assert conclude(report, (), Random(1)) == report


def test_a_run_without_targets_is_not_ranked() -> None:
    rich = rich_report()
    report = Report(run=replace(rich.run, targets=()), bench=rich.bench)
    assert conclude(report, (), Random(1)).ranking is None
