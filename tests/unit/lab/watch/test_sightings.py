from __future__ import annotations

from modmirror.lab.watch.sightings import Sightings


def test_a_mirror_that_has_everything_does_not_lag() -> None:
    sightings = Sightings()
    sightings.saw("a", ["v1.0.0"], 10.0)
    assert sightings.lag("a", 99.0) == 0.0


def test_a_lag_counts_from_the_first_sighting_anywhere() -> None:
    sightings = Sightings()
    for name in ("fast", "slow"):
        sightings.saw(name, ["v1.0.0"], 0.0)
    sightings.saw("fast", ["v1.0.0", "v1.1.0"], 60.0)
    sightings.saw("slow", ["v1.0.0"], 60.0)
    assert sightings.lag("slow", 90.0) == 30.0
    assert sightings.lag("fast", 90.0) == 0.0


def test_a_mirror_that_catches_up_no_longer_lags() -> None:
    sightings = Sightings()
    sightings.saw("fast", ["v1.1.0"], 0.0)
    sightings.saw("slow", [], 0.0)
    sightings.saw("slow", ["v1.1.0"], 60.0)
    assert sightings.lag("slow", 61.0) == 0.0


def test_the_oldest_version_that_is_missing_decides() -> None:
    sightings = Sightings()
    sightings.saw("slow", [], 0.0)
    sightings.saw("fast", ["v1.0.0"], 10.0)
    sightings.saw("fast", ["v1.0.0", "v1.1.0"], 50.0)
    assert sightings.lag("slow", 60.0) == 50.0


def test_a_mirror_whose_list_was_never_read_has_no_lag() -> None:
    sightings = Sightings()
    sightings.saw("a", ["v1.0.0"], 0.0)
    assert sightings.lag("b", 5.0) is None


def test_a_version_that_a_mirror_lost_is_missing() -> None:
    sightings = Sightings()
    sightings.saw("a", ["v1.0.0"], 0.0)
    sightings.saw("a", [], 10.0)
    assert sightings.lag("a", 30.0) == 30.0
