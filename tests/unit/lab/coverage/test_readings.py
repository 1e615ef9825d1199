from __future__ import annotations

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.coverage.readings import readings, wrong
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage
from modmirror.lab.thresholds import Reading

RESULT = CoverageResult(
    corpus="x",
    strata=("popular", "empty"),
    targets={
        "a": TargetCoverage(share_of(9, 10), {"popular": share_of(1, 2), "empty": share_of(0, 0)}),
        "b": TargetCoverage(share_of(5, 5), {}, mismatches=(Mismatch("p.zip", "h1:a", "h1:b", "db"),)),
    },
)


def test_shares_and_counts_can_be_asked_for() -> None:
    found = readings(RESULT)
    assert Reading("a", "all", "coverage", 0.9, "ratio") in found
    assert Reading("a", "popular", "coverage", 0.5, "ratio") in found
    assert Reading("a", "empty", "coverage", None, "ratio") in found
    assert Reading("b", "all", "mismatches", 1, "files") in found


def test_wrong_bytes_fail_outright_and_gaps_do_not() -> None:
    assert wrong(RESULT) == ["b delivered 1 wrong files: p.zip"]
