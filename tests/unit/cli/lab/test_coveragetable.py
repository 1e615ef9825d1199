from __future__ import annotations

from modmirror.cli.lab.coveragetable import coverage_text
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage


def test_the_table_has_strata_by_mirror_and_names_what_is_wrong_and_missing() -> None:
    result = CoverageResult(
        corpus="sha256:1",
        strata=("popular", "toolchain"),
        targets={
            "good": TargetCoverage(share_of(4, 4), {"popular": share_of(4, 4)}),
            "bad": TargetCoverage(
                share_of(1, 9),
                {"popular": share_of(1, 9)},
                mismatches=(Mismatch("a.zip", "h1:x", "h1:y", "sum.golang.org"),),
                repacked=2,
                missing=tuple(f"{number}.info: status 404" for number in range(8)),
            ),
        },
    )
    text = coverage_text(result)
    lines = text.splitlines()
    assert lines[3].split() == ["popular", "4/4", "1/9"]
    assert lines[4].split() == ["toolchain", "–", "–"]
    assert lines[5].split() == ["all", "4/4", "1/9"]
    assert "bad: WRONG a.zip: h1:x, by sum.golang.org h1:y" in lines
    assert "bad: 2 files repacked (other bytes, same h1)" in lines
    assert lines[-1] == "bad: and 3 more"
    assert "good:" not in text
