from __future__ import annotations

from modmirror.measure.hot import HALVE_EVERY, Heat, HotCounts
from modmirror.measure.spacesaving import Estimate


def test_a_key_is_hot_from_the_threshold_on_and_cold_when_the_window_has_passed() -> None:
    counts = HotCounts(10)
    counts.add({"a": 59, "b": 60}, 0.0)
    assert counts.hot(60, 9, 0.0) == ["b"]
    counts.add({"a": 1}, 30.0)
    assert counts.hot(60, 9, 30.0) == ["a", "b"]
    assert counts.hot(60, 1, 30.0) == ["a"]
    assert counts.hot(60, 9, 599.0) == ["a", "b"]
    assert counts.hot(60, 9, 600.0) == []


def test_the_counts_of_a_minute_a_window_and_an_hour_are_told() -> None:
    counts = HotCounts(10)
    counts.add({"a": 1}, 0.0)
    counts.add({"a": 10}, 1800.0)
    counts.add({"a": 100}, 1890.0)
    assert counts.top(1, 1890.0) == [Heat("a", 100, 110, 111, 0)]


def test_who_comes_when_all_places_are_taken_is_a_candidate() -> None:
    counts = HotCounts(10, exact=1, candidates=2)
    counts.add({"a": 5}, 0.0)
    counts.add({"b": 3}, 1.0)
    assert [heat.key for heat in counts.top(9, 1.0)] == ["a"]
    assert counts.candidates(9) == [Estimate("b", 3, 0)]


def test_a_candidate_that_surely_overtook_the_rarest_takes_its_place() -> None:
    counts = HotCounts(10, exact=1, candidates=2)
    counts.add({"a": 5}, 0.0)
    counts.add({"b": 3}, 1.0)
    counts.add({"b": 4}, 2.0)
    assert counts.top(9, 2.0) == [Heat("b", 4, 4, 4, 3)]
    assert counts.candidates(9) == [Estimate("a", 5, 0)]


def test_what_was_missed_before_is_of_no_account_after_an_hour() -> None:
    counts = HotCounts(10, exact=1, candidates=2)
    counts.add({"a": 5}, 0.0)
    counts.add({"b": 9}, 1.0)
    for minute in range(1, 62):
        counts.add({"b": 1}, minute * 60.0)
    assert counts.top(1, 3661.0) == [Heat("b", 1, 10, 60, 0)]


def test_a_key_that_nobody_asks_for_any_more_makes_room() -> None:
    counts = HotCounts(10, exact=1)
    counts.add({"a": 500}, 0.0)
    counts.add({"b": 1}, 3600.0 + HALVE_EVERY)
    assert [heat.key for heat in counts.top(9, 3600.0 + HALVE_EVERY)] == ["b"]
