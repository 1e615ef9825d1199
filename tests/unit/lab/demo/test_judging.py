from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from modmirror.lab.demo.cast import SUBJECT
from modmirror.lab.demo.judging import Finding, judge
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.faults import FaultPoint, FaultResult, FaultRun
from modmirror.lab.results.freshness import FreshnessResult, Lag
from modmirror.lab.results.ranking import Gate, Ranked, Ranking
from tests.fakes.lab_runs import rich_report

if TYPE_CHECKING:
    from modmirror.lab.report.facts import Report

STALE = 15.0
LAGS = {"good": 5.0, "slow": 5.1, "stale": 18.0, "incomplete": 4.9, "corrupt": 5.0, SUBJECT: 5.2}


def row(target: str, group: str = "", *failed: str) -> Ranked:
    gates = tuple(Gate(name, passed=False, text=f"{name} is bad") for name in failed)
    score = None if failed else 0.5
    return Ranked(target, 1, group, score, {"latency": 0.1 if target == "slow" else 0.4}, gates, ())


RIGHT = (
    row(SUBJECT, "a"),
    row("good", "b"),
    row("stale", "c"),
    row("slow", "d"),
    row("incomplete", "", "coverage", "availability"),
    row("corrupt", "", "integrity"),
)


def found(
    rows: tuple[Ranked, ...] = RIGHT,
    lags: dict[str, float | None] | None = None,
    faults: tuple[FaultRun, ...] = (),
) -> Report:
    places = {
        target: {"list": Lag(Estimate(lag, n=8), (), {}, 8, 0)}
        for target, lag in (LAGS | (lags or {})).items()
    }
    return replace(
        rich_report(),
        ranking=Ranking({"latency": 1.0}, rows, None, ""),
        freshness=FreshnessResult(places),
        faults=(FaultResult("modmirror serve", {"cut": faults}),) if faults else (),
    )


def wrong(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.who for finding in findings if not finding.right]


def with_row(*rows: Ranked) -> tuple[Ranked, ...]:
    names = {each.target for each in rows}
    return (*rows, *(each for each in RIGHT if each.target not in names))


def rehearsed(*, ok: bool = True, wrong_bytes: int = 0) -> FaultRun:
    points = tuple(
        FaultPoint(number, ok=ok or number < 2, stale=False, seconds=0.01, kind="hit")
        for number in range(4)
    )
    misses = (FaultPoint(5.0, ok=False, stale=False, seconds=1.0, kind="miss"),)
    return FaultRun((*points, *misses), (), 1.0, 2.0, 0, 3.0, 0, wrong=wrong_bytes)


def test_all_is_right_where_everybody_was_found_out() -> None:
    findings = judge(found(faults=(rehearsed(),)), STALE)
    assert wrong(findings) == []
    assert [finding.who for finding in findings] == [
        "corrupt", "incomplete", "stale", "good", "slow", SUBJECT, "fault cut",
    ]  # fmt: skip


def test_a_mirror_that_is_out_for_another_reason_was_not_found_out() -> None:
    assert wrong(judge(found(with_row(row("corrupt", "", "availability"))), STALE)) == ["corrupt"]
    assert wrong(judge(found(with_row(row("incomplete", "", "availability"))), STALE)) == ["incomplete"]
    assert wrong(judge(found((*RIGHT[:-1], row("corrupt", "e"))), STALE)) == ["corrupt"]


def test_the_good_one_may_be_tied_and_not_behind() -> None:
    tied = (row("stale", "b"), row("good", "bc"), *RIGHT[3:], RIGHT[0])
    assert wrong(judge(found(tied), STALE)) == []
    behind = (row("stale", "b"), row("good", "c"), *RIGHT[3:], RIGHT[0])
    assert wrong(judge(found(behind), STALE)) == ["good"]
    gated = (RIGHT[0], row("good", "", "availability"), *RIGHT[2:])
    assert wrong(judge(found(gated), STALE)) == ["good"]


def test_a_lag_counts_as_found_when_it_is_the_longest_and_long_enough() -> None:
    assert wrong(judge(found(lags={"stale": 6.0}), STALE)) == ["stale"]
    assert wrong(judge(found(lags={"slow": 20.0}), STALE)) == ["stale"]
    assert wrong(judge(found(lags={"stale": None}), STALE)) == []


def test_no_lag_at_all_is_no_finding() -> None:
    assert wrong(judge(found(lags=dict.fromkeys(LAGS)), STALE)) == ["stale"]


def test_a_slow_mirror_that_looks_fast_was_not_found_out() -> None:
    rows = tuple(replace(each, parts={"latency": 0.4}) for each in RIGHT)
    assert wrong(judge(found(rows), STALE)) == ["slow"]


def test_a_gate_that_modmirror_fails_is_said() -> None:
    findings = judge(found((*RIGHT[1:], row(SUBJECT, "", "integrity"))), STALE)
    assert wrong(findings) == [SUBJECT]
    assert "integrity is bad" in next(each.text for each in findings if each.who == SUBJECT)


def test_wrong_bytes_or_a_stored_file_that_was_not_served_fail_a_rehearsal() -> None:
    assert wrong(judge(found(faults=(rehearsed(wrong_bytes=1),)), STALE)) == ["fault cut"]
    assert wrong(judge(found(faults=(rehearsed(ok=False),)), STALE)) == ["fault cut"]


def test_a_run_without_a_ranking_is_wrong() -> None:
    assert wrong(judge(replace(rich_report(), ranking=None), STALE)) == ["ranking"]
