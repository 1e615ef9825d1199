from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.gates import gates
from modmirror.lab.results.coverage import Mismatch, TargetCoverage


@dataclass(frozen=True)
class Case:
    ok: int
    n: int
    passed: bool
    text: str


def covered(ok: int, n: int, *wrong: str, stratum: str = "popular") -> TargetCoverage:
    mismatches = tuple(Mismatch(path, "h1:a", "h1:b", "majority") for path in wrong)
    return TargetCoverage(share_of(ok, n), {stratum: share_of(ok, n)}, mismatches)


def test_what_was_not_measured_has_no_gate() -> None:
    assert gates(None, None) == ()
    assert [gate.name for gate in gates(share_of(9, 9), None)] == ["availability"]
    assert [gate.name for gate in gates(None, covered(9, 9, stratum="fresh"))] == ["integrity"]


@pytest.mark.parametrize(
    "case",
    [
        Case(2000, 2000, passed=True, text="99% is needed"),
        Case(381, 381, passed=True, text="at least 99.0%"),
        Case(990, 1000, passed=False, text="99% is needed"),
        Case(100, 100, passed=True, text="n too small to prove 99%"),
        Case(98, 100, passed=True, text="n too small"),
        Case(95, 100, passed=False, text="95 of 100"),
        Case(0, 3, passed=False, text="0 of 3"),
    ],
    ids=str,
)
def test_availability_needs_its_lower_bound_where_n_allows_and_no_proof_against_it_else(case: Case) -> None:
    (gate,) = gates(share_of(case.ok, case.n), None)
    assert gate.passed == case.passed
    assert case.text in gate.text


def test_one_wrong_file_fails_a_mirror_outright() -> None:
    integrity, popular = gates(None, covered(999, 1000, "a.zip"))
    assert not integrity.passed
    assert popular.passed
    assert integrity.text == "1 wrong by their h1: a.zip"
    assert gates(None, covered(9, 9, "a", "b", "c"))[0].text == "3 wrong by their h1: a, b and 1 more"
    assert gates(None, covered(9, 9))[0].passed


def test_every_gate_has_its_text_in_chinese_with_the_same_numbers() -> None:
    for gate in (
        *gates(share_of(990, 1000), covered(9, 9, "a", "b", "c")),
        *gates(share_of(98, 100), covered(8, 9)),
        *gates(share_of(0, 3), None),
    ):
        assert gate.zh
        assert set(re.findall(r"[0-9.]+%|[a-z]\.zip", gate.text)) <= set(
            re.findall(r"[0-9.]+%|[a-z]\.zip", gate.zh)
        )


@pytest.mark.parametrize(("ok", "passed"), [(98, True), (97, False), (100, True)])
def test_98_of_100_popular_files_are_needed(ok: int, passed: bool) -> None:
    assert gates(None, covered(ok, 100))[1].passed == passed
