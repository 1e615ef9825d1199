from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from modmirror.lab.analysis.changes import coverage_changes, freshness_changes, protocol_changes
from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.freshness import BORN
from modmirror.lab.results.coverage import CoverageResult, Mismatch, TargetCoverage
from modmirror.lab.results.differences import Difference
from modmirror.lab.results.events import Event
from modmirror.lab.results.protocol import Cell, Feature, ProtocolResult, Verdict
from tests.fakes.samples import sample

if TYPE_CHECKING:
    from modmirror.measure.sample import Sample

WRONG_FILE = Mismatch("a", "h1:bad", "h1:good", "majority")


def covered(ok: int, n: int, *wrong: Mismatch) -> CoverageResult:
    share = share_of(ok, n)
    return CoverageResult("", ("popular",), {"x": TargetCoverage(share, {"popular": share}, wrong)})


def test_fewer_files_than_before_are_worse_beyond_chance_only() -> None:
    (found,) = coverage_changes(covered(100, 100), covered(70, 100))
    assert (found.what, found.before, found.after, found.worse) == ("coverage: popular", 1.0, 0.7, True)
    assert found.p is not None
    assert found.p < 0.002
    assert list(coverage_changes(covered(100, 100), covered(97, 100))) == []
    assert list(coverage_changes(covered(3, 3), covered(0, 3))) == []


def test_a_wrong_file_is_a_fact_and_so_is_one_that_was_mended() -> None:
    assert list(coverage_changes(covered(9, 9), covered(9, 9, WRONG_FILE))) == [
        Difference("x", "wrong files", 0, 1, None, worse=True)
    ]
    (mended,) = coverage_changes(covered(9, 9, WRONG_FILE), covered(9, 9))
    assert not mended.worse


def looks(lag: float, count: int = 20, until: float = 100.0) -> tuple[list[Sample], list[Event]]:
    """Return versions that are looked for every ten seconds and are there after so many."""
    samples, events = [], []
    for number in range(count):
        path = f"m@v1.{number}.0"
        events.append(Event(0, BORN, path))
        at = 10.0
        while at <= until:
            made = replace(sample("x", 0.1, measurement="freshness", case="list"), path=path, started=at)
            seen = at >= lag
            samples.append(made if seen else replace(made, outcome="4xx", status=404))
            if seen:
                break
            at += 10.0
    return samples, events


def test_versions_that_come_later_than_before_are_worse() -> None:
    (found,) = freshness_changes(looks(15), looks(55))
    assert (found.target, found.what, found.worse) == ("x", "lag: list", True)
    assert 10 <= found.before <= 20.2
    assert 50 <= found.after <= 60.2
    (back,) = freshness_changes(looks(55), looks(15))
    assert not back.worse


def test_versions_that_never_came_are_worse_than_late_ones() -> None:
    (found,) = freshness_changes(looks(15), looks(1000))
    assert found.worse
    assert found.after == 100


def test_a_run_that_looked_for_less_long_shows_no_difference_it_cannot_know() -> None:
    assert list(freshness_changes(looks(1000, until=50), looks(80))) == []
    assert list(freshness_changes(looks(15), looks(15))) == []


def spoken(*verdicts: Verdict) -> ProtocolResult:
    features = tuple(Feature(f"k{place}", f"title {place}") for place in range(len(verdicts)))
    cells = {feature.key: Cell(verdict, "") for feature, verdict in zip(features, verdicts, strict=True)}
    return ProtocolResult(("x",), features, {"x": cells})


def test_a_feature_that_came_or_went_is_a_fact() -> None:
    assert list(protocol_changes(spoken("yes", "no", "yes"), spoken("partly", "yes", "yes"))) == [
        Difference("x", "protocol: title 0", 1.0, 0.5, None, worse=True),
        Difference("x", "protocol: title 1", 0.0, 1.0, None, worse=False),
    ]


def test_what_was_not_found_out_is_no_difference() -> None:
    assert list(protocol_changes(spoken("yes", "unknown"), spoken("unknown", "yes"))) == []
    assert list(protocol_changes(spoken("yes"), spoken("not-applicable"))) == []


def test_targets_of_one_run_only_are_left_out() -> None:
    other = CoverageResult("", ("popular",), {})
    assert list(coverage_changes(covered(9, 9), other)) == []
    assert list(protocol_changes(spoken("yes"), ProtocolResult((), (), {}))) == []
