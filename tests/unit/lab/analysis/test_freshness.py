from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.analysis.estimates import share_of
from modmirror.lab.analysis.freshness import BORN, NOTES, WAYS, freshness, freshness_result
from modmirror.lab.results.estimates import Estimate
from modmirror.lab.results.events import Event
from tests.fakes.samples import sample

if TYPE_CHECKING:
    from modmirror.lab.results.freshness import Lag
    from modmirror.measure.sample import Outcome, Sample


def look(
    version: str, at: float, *, saw: bool = False, place: str = "list", failed: Outcome | None = None
) -> Sample:
    made = replace(sample("x", 1.0, measurement="freshness", case=place), path=version, started=at)
    if failed is not None:
        return replace(made, outcome=failed, status=None)
    return made if saw else replace(made, outcome="4xx", status=404)


def born(version: str, at: float = 0.0) -> Event:
    return Event(at, BORN, version)


def lag_of(samples: list[Sample], events: list[Event]) -> Lag:
    return freshness(samples, events).targets["x"]["list"]


def test_a_version_came_between_two_looks() -> None:
    lag = lag_of([look("v1", 15), look("v1", 35, saw=True), look("v1", 75, saw=True)], [born("v1", at=10)])
    # Answered 1 s after the look at 35, which is 26 s after the birth.
    assert [(point.seconds, point.share) for point in lag.curve] == [(26, 1)]
    assert (lag.versions, lag.never) == (1, 0)


def test_an_empty_answer_with_status_200_is_a_look_too() -> None:
    listed = replace(look("v1", 5), status=200, outcome="mismatch")
    lag = lag_of([listed, look("v1", 45, saw=True), look("v2", 2, saw=True)], [born("v1"), born("v2")])
    assert [point.seconds for point in lag.curve] == [3, 46]


def test_a_failed_look_says_nothing() -> None:
    looks = [look("v1", 5), look("v1", 50, failed="timeout"), look("v1", 90, saw=True)]
    lag = lag_of(looks, [born("v1")])
    assert lag.within["60"] == share_of(0, 0)
    assert lag.within["300"] == share_of(1, 1)


def test_what_never_came_is_censored_and_not_dropped() -> None:
    looks = [look("v1", 100), look("v2", 5, saw=True), look("v3", 5, saw=True)]
    lag = lag_of(looks, [born("v1"), born("v2"), born("v3")])
    assert (lag.versions, lag.never) == (3, 1)
    assert lag.curve[-1].share == pytest.approx(2 / 3)
    assert lag.within == {"60": share_of(2, 3), "300": share_of(2, 2), "1800": share_of(2, 2)}


def test_fewer_than_six_versions_have_no_median() -> None:
    names = [f"v{number}" for number in range(6)]
    looks = [look(name, 29, saw=True) for name in names]
    events = [born(name) for name in names]
    assert lag_of(looks[:5], events).median == Estimate(n=5)
    assert lag_of(looks, events).median.value == 15


def test_places_and_targets_are_apart() -> None:
    other = replace(look("v1", 1, saw=True), target="y")
    result = freshness([look("v1", 1, place="info"), other, sample("x")], [born("v1")])
    assert {target: set(places) for target, places in result.targets.items()} == {
        "x": {"info"},
        "y": {"list"},
    }


def test_the_events_tell_how_the_observer_was_kept_out() -> None:
    ways = [Event(0, WAYS, "active"), Event(9, WAYS, "passive")]
    found = freshness_result([look("v1", 1, saw=True)], [born("v1"), *ways])
    assert (found.note, found.note_zh) == NOTES["passive"]
    assert found.targets
    assert freshness_result([], []).note == ""


def test_a_version_without_a_birth_is_left_out() -> None:
    assert freshness([look("v1", 5, saw=True)], [Event(0, "other", "v1")]).targets == {}
