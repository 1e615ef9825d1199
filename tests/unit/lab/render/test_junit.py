from __future__ import annotations

from xml.etree import ElementTree as ET

from msgspec.structs import replace

from modmirror.lab.render.junit import write_junit
from modmirror.lab.report.facts import Flag, Report, Requirement
from modmirror.lab.results.ranking import Gate, Ranked, Ranking
from tests.fakes.lab_mirrors import CORRUPT, PARTIAL, SLOW
from tests.fakes.lab_runs import rich_report


def failed(report: Report) -> dict[str, str]:
    root = ET.fromstring(write_junit(report))  # noqa: S314 - our own
    return {
        f"{case.get('classname')}/{case.get('name')}": failure.get("message", "")
        for case in root.iter("testcase")
        for failure in case.iter("failure")
    }


def test_a_condition_that_was_not_met_is_a_failure_with_its_reason() -> None:
    assert failed(replace(rich_report(), differences=())) == {
        f"{PARTIAL}/coverage": "86 % of popular modules, 98 % are needed",
        f"{CORRUPT}/integrity": "2 files with a wrong h1:",
    }


def test_a_regression_is_a_failure() -> None:
    assert "since the run before/summit-us: info/warm" in failed(rich_report())
    assert SLOW == "summit-us"


def test_a_bar_that_was_not_met_is_a_failure() -> None:
    bars = (Requirement("p95<1s"), Requirement("knee>9", ("knee>9: m: 3", "knee>9: n: 4")))
    found = failed(replace(rich_report(), differences=(), requirements=bars))
    assert found["requirements/knee>9"] == "knee>9: m: 3; knee>9: n: 4"
    assert "requirements/p95<1s" not in found


def test_a_run_that_does_not_count_fails() -> None:
    report = rich_report(state="interrupted", flags=(Flag("drift", "by 12 %"),))
    found = failed(report)
    assert (found["run/complete"], found["run/valid"]) == ("the run is interrupted", "drift: by 12 %")


def test_suites_count_their_cases() -> None:
    root = ET.fromstring(write_junit(rich_report()))  # noqa: S314 - our own
    for suite in root.iter("testsuite"):
        assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
        assert suite.get("failures") == str(len(list(suite.iter("failure"))))


def test_hostile_text_stays_text() -> None:
    gate = Gate('"><x>', passed=False, text="a\x00\x1b]]><script>")
    ranked = Ranked("m", 1, "", None, {}, (gate,), ())
    report = Report(run=rich_report().run, ranking=Ranking({}, (ranked,), None, ""))
    assert failed(report) == {'m/"><x>': "a��]]><script>"}
