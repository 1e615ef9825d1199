"""What the outage bench makes of samples."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from bench.outage.__main__ import behind_in
from bench.outage.load import Kind, Outcome, Sample, plan
from bench.outage.summary import as_table, longest_gap, summarise
from bench.outage.timeline import ALL_CUT, Phase, phases


def sample(at: float, outcome: Outcome = "ok", kind: Kind = "miss", seconds: float = 0.1) -> Sample:
    return Sample(at, kind, "m/@v/list", outcome, seconds)


def test_a_gap_lasts_from_the_first_bad_answer_to_the_next_good_one() -> None:
    bad = [sample(1.0, "refused"), sample(2.0, "timeout"), sample(2.5, seconds=1.5)]
    assert longest_gap([sample(0.0), *bad, sample(3.5), sample(4.0, "broken"), sample(4.2)]) == 2.5
    assert longest_gap([sample(0.0), sample(1.0)]) == 0.0


def test_a_gap_that_never_ends_counts_until_the_last_request() -> None:
    assert longest_gap([sample(0.0), sample(1.0, "broken"), sample(5.0, "broken")]) == 4.0


def test_what_nobody_could_have_answered_is_no_failure_but_everything_cached_must_be() -> None:
    timeline = (Phase("calm", 0, 10), Phase(ALL_CUT, 10, 20))
    samples = [
        sample(5.0),
        sample(15.0, "refused", seconds=0.004),
        sample(15.0, kind="list"),
        sample(16.0, "refused", kind="list"),
    ]
    found = summarise("x", samples, timeline, 7)
    assert (found.failed, found.stale, found.refusal) == (1, 0.5, 0.004)
    assert found.by_phase == {"calm": 0, ALL_CUT: 1}


def test_wrong_bytes_are_failures_of_their_own() -> None:
    found = summarise("x", [sample(1.0, "wrong"), sample(2.0)], (Phase("calm", 0, 10),), 2)
    assert (found.failed, found.corrupt) == (1, 1)
    assert math.isinf(found.p99)
    assert "more than 1 % fail" in as_table([found])


def test_everybody_is_asked_the_same_and_nothing_new_twice() -> None:
    planned = plan(60.0, 20.0, seed=3)
    assert planned == plan(60.0, 20.0, seed=3)
    assert len(planned) == pytest.approx(1200, abs=150)
    fresh = [one.path for one in planned if one.kind == "miss"]
    assert len(set(fresh)) == len(fresh)


def test_the_timeline_has_no_holes_and_ends_well() -> None:
    timeline = phases(0.5)
    assert timeline[-1].troubles == {}
    assert all(left.end == right.start for left, right in pairwise(timeline))


def test_who_is_behind_is_told_by_column() -> None:
    timeline = (Phase("calm", 0, 10),)
    good = summarise("other", [sample(1.0), sample(2.0)], timeline, 2)
    bad = summarise("modmirror", [sample(1.0, "wrong"), sample(2.0, seconds=2.0)], timeline, 2)
    assert behind_in([good, bad]) == []
    assert set(behind_in([bad, good])) >= {"failed", "corrupt", "gap"}
