from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.bench.cases import BenchModule
from modmirror.lab.engine.port import Fetched, Request
from modmirror.lab.freshness.looks import (
    LONGEST,
    Place,
    Ways,
    is_past,
    judged,
    next_look,
    path_of,
    places_of,
)
from tests.fakes.lab import JumpingClock, answered, targets_named

MODULE = BenchModule("example.com/a", "v1.2.0")


class Even:
    """No jitter."""

    def uniform(self, a: float, b: float, /) -> float:
        return (a + b) / 2


def got(body: bytes, status: int = 200) -> Fetched:
    (target,) = targets_named("a")
    return answered(Request(target, "x", keep="bytes"), JumpingClock(), status=status, body=body)


def test_looks_are_at_twice_the_age_each_time_and_never_too_far_apart() -> None:
    ages = [0.0]
    while ages[-1] < 2000:
        ages.append(next_look(ages[-1], Even()))
    assert ages[:8] == [0, 5, 10, 20, 40, 80, 160, 320]
    assert ages[8] - ages[7] == LONGEST


def test_looks_vary_and_always_go_forward() -> None:
    chance = Random(1)
    firsts = {next_look(0.0, chance) for _ in range(20)}
    assert len(firsts) == 20
    assert all(4 <= first <= 6 for first in firsts)
    for age in range(0, 3000, 7):
        assert next_look(age, chance) > age


@pytest.mark.parametrize(
    ("version", "number", "ways", "places"),
    [
        ("v1.2.0", 0, "split", ("list", "latest")),
        ("v1.2.0", 1, "split", ("info",)),
        ("v1.2.0-rc.1", 0, "split", ("list",)),
        ("v2.0.0+incompatible", 0, "passive", ("list",)),
        ("v1.2.0", 0, "active", ("info",)),
        ("v1.2.0", 5, "both", ("list", "latest", "info")),
    ],
)
def test_a_version_is_not_asked_for_by_name_where_lists_are_watched(
    version: str, number: int, ways: Ways, places: tuple[str, ...]
) -> None:
    assert places_of(BenchModule("example.com/a", version), number, ways) == places


def test_places_are_paths() -> None:
    places: tuple[Place, ...] = ("info", "list", "latest")
    assert [path_of(MODULE, place) for place in places] == [
        "example.com/a/@v/v1.2.0.info",
        "example.com/a/@v/list",
        "example.com/a/@latest",
    ]


@pytest.mark.parametrize(
    ("place", "body", "outcome"),
    [
        ("info", b'{"Version":"v1.2.0"}', "ok"),
        ("list", b"v1.1.0\nv1.2.0\n", "ok"),
        ("list", b"v1.1.0\n", "mismatch"),
        ("latest", b'{"Version":"v1.2.0"}', "ok"),
        ("latest", b'{"Version":"v1.3.0"}', "ok"),
        ("latest", b'{"Version":"v1.1.9"}', "mismatch"),
        ("latest", b"<html>", "protocol"),
    ],
)
def test_only_an_answer_that_shows_the_version_is_ok(place: Place, body: bytes, outcome: str) -> None:
    assert judged(got(body), MODULE, place).outcome == outcome


def test_a_refusal_stays_one() -> None:
    assert judged(got(b"", 404), MODULE, "latest").outcome == "4xx"


def test_a_version_that_was_overtaken_before_the_first_look_is_past() -> None:
    assert is_past(got(b'{"Version":"v1.3.0"}'), MODULE)
    assert not is_past(got(b'{"Version":"v1.2.0"}'), MODULE)
    assert not is_past(got(b"<html>"), MODULE)
    assert not is_past(got(b'{"Version":"v1.3.0"}', 404), MODULE)
