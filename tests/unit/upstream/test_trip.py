from __future__ import annotations

import pytest

from modmirror.errors import NotExist, UpstreamUnavailable
from tests.fakes.guided import guide_for, trip_for
from tests.fakes.waiting import ready

ONE, TWO, THREE = ready("one"), ready("two"), ready("three")


def test_a_rival_is_the_next_that_is_neither_running_nor_heard_nor_barred() -> None:
    guide, _ = guide_for(ONE, TWO, THREE)
    trip = trip_for(guide, ONE, TWO, THREE)
    trip.running.add("one")
    trip.said["two"] = NotExist("none")
    rival = trip.rival()
    assert rival is not None
    assert rival[0].name == rival[1].upstream == "three"
    trip.is_barred = lambda name: name == "three"
    assert trip.rival() is None
    assert not trip.has_rivals


def test_one_with_an_open_breaker_is_no_rival() -> None:
    guide, _ = guide_for(ONE, TWO)
    trip = trip_for(guide, ONE, TWO)
    trip.running.add("one")
    for number in range(3):
        permit = trip.admit(TWO)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable("two", "reset"))
    assert trip.rival() is None
    with pytest.raises(UpstreamUnavailable, match="not asked: reset"):
        trip.admit(TWO)


def test_a_declared_order_has_no_rivals() -> None:
    guide, _ = guide_for(ONE, TWO)
    assert not trip_for(guide, ONE, TWO, measured=False).has_rivals


def test_who_said_not_found_of_what_another_had_lacks_it() -> None:
    guide, _ = guide_for(ONE, TWO, THREE)
    trip = trip_for(guide, ONE, TWO, THREE)
    trip.said = {"one": NotExist("none"), "two": UpstreamUnavailable("two", "reset")}
    trip.came("three")
    lacking = {each.upstream: each.lacks for each in guide.router.standings(guide.now()).upstreams}
    assert lacking == {"one": 1, "two": 0, "three": 0}


def test_instead_of_one_only_another_who_is_well_and_has_not_been_heard_will_do() -> None:
    guide, _ = guide_for(ONE, TWO)
    trip = trip_for(guide, ONE, TWO)
    assert trip.has_instead("one")
    for number in range(3):
        permit = trip.admit(TWO)
        guide.failed(permit, "meta", 0.1, f"x.y/{number}/@v/list", UpstreamUnavailable("two", "reset"))
    assert not trip.has_instead("one")
    assert trip.has_instead("two")
    trip.said["one"] = NotExist("none")
    assert not trip.has_instead("two")


def test_who_is_known_to_lack_the_module_will_not_do_instead() -> None:
    guide, _ = guide_for(ONE, TWO)
    trip = trip_for(guide, ONE, TWO)
    guide.router.lacked("two", trip.question.module, guide.now())
    assert not trip.has_instead("one")
    assert trip.has_instead("two")
    assert trip.has_rivals, "it is asked all the same when the first one fails"
