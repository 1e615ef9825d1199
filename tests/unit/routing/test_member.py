from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.routing.breaker import Breaker
from modmirror.routing.member import Member
from modmirror.routing.outcome import Outcome, Permit, What
from tests.fakes.chance import Fixed

if TYPE_CHECKING:
    from modmirror.measure.score import Class


def member() -> Member:
    return Member(Breaker(Fixed()), probe_every=5.0)


def end(one: Member, what: What, seconds: float, now: float, *, asked: Class = "meta") -> None:
    one.running += 1
    permit = Permit("one", trial=one.breaker.begin())
    one.end(permit, Outcome(what, asked, seconds, "example.com/m", what), now)


def test_answers_make_the_score() -> None:
    one = member()
    end(one, "ok", 0.2, 1.0)
    assert one.tracks.score("meta", 1.0) == 0.2
    assert (one.used, one.running) == (1.0, 0)


def test_an_absence_says_nothing_of_speed() -> None:
    one = member()
    end(one, "absent", 0.001, 1.0)
    assert one.tracks.score("meta", 1.0) is None


def test_one_that_was_left_waiting_counts_as_at_least_that_slow() -> None:
    one = member()
    end(one, "left", 0.9, 0.0)
    assert one.tracks.score("meta", 0.0) is None
    for now in range(7):
        end(one, "ok", 0.1, float(now))
    end(one, "left", 0.01, 7.0)
    assert one.tracks.score("meta", 7.0) == 0.1
    for now in range(8, 12):
        end(one, "left", 0.4, float(now))
    assert one.tracks.score("meta", 12.0) == 0.4


def test_one_that_has_been_silent_from_the_start_is_no_unknown_for_long() -> None:
    one = member()
    end(one, "left", 1.1, 0.0)
    assert one.tracks.score("meta", 0.0) == 1.1


def test_a_zip_in_the_making_says_nothing_of_an_unknown_one() -> None:
    one = member()
    end(one, "left", 9.0, 0.0, asked="zip-small")
    assert one.tracks.score("zip-small", 0.0) is None


def test_a_slow_trial_does_not_close_a_breaker() -> None:
    one = member()
    for now in range(7):
        end(one, "ok", 0.1, float(now))
    one.breaker.open("slow", 10.0)
    end(one, "ok", 3.0, 11.0)
    assert one.breaker.is_open()
    assert one.breaker.reason == "answers are still slow"
    for later in (20.0, 21.0):
        end(one, "ok", 0.5, later)
    assert one.is_usable(21.0)


def test_only_metadata_can_be_too_slow() -> None:
    one = member()
    classes: tuple[Class, ...] = ("meta", "zip-small")
    for asked in classes:
        for seconds in [0.1] * 7 + [4.0] * 7:
            end(one, "ok", seconds, 1.0, asked=asked)
    assert one.has_slowed("meta", 1.0)
    assert not one.has_slowed("zip-small", 1.0)


def test_half_open_is_not_usable_like_any_other() -> None:
    one = member()
    one.breaker.open("down", 0.0)
    assert one.breaker.allows(1.0)
    assert not one.is_usable(1.0)


def test_a_standing_tells_all_of_it() -> None:
    one = member()
    end(one, "ok", 0.2, 1.0)
    one.tracks["zip-small"].received(1_000_000, 2.0)
    scores: dict[Class, float | None] = {"meta": 0.2, "zip-small": 0.4, "zip-large": None}
    standing = one.standing("one", 3, scores, 1.0)
    assert standing.scores == scores
    assert (standing.p95, standing.rate, standing.lacks) == (None, 500_000.0, 3)
    assert (standing.breaker, standing.wait, standing.share, standing.running) == ("closed", 0.0, 1.0, 0)


def test_one_that_was_left_has_said_nothing_and_is_probed_as_before() -> None:
    one = member()
    end(one, "ok", 0.1, 1.0)
    end(one, "left", 0.0, 5.0)
    assert (one.used, one.running) == (1.0, 0)
