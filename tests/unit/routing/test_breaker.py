from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from modmirror.routing.breaker import Breaker, NeverOpen
from modmirror.routing.outcome import Outcome, What
from tests.fakes.chance import Fixed


def outcome(what: What, module: str = "", retry_after: float | None = None) -> Outcome:
    return Outcome(what, "meta", 0.1, module, what, retry_after)


def end(breaker: Breaker, *kinds: What, now: float = 0.0) -> None:
    for number, what in enumerate(kinds):
        breaker.end(outcome(what, f"example.com/m{number}"), now, trial=breaker.begin())


FAILING: tuple[What, ...] = ("broken", "busy") * 50
MANY_GOOD: tuple[What, ...] = ("ok",) * 100
MIXED: tuple[What, ...] = ("ok", "ok", "broken")


def opened(now: float = 0.0, chance: float = 0.5) -> Breaker:
    breaker = Breaker(Fixed(chance))
    end(breaker, "broken", "broken", "broken", now=now)
    return breaker


@pytest.mark.parametrize("what", ["broken", "erred", "late", "bad"])
def test_three_failures_in_a_row_open_it(what: What) -> None:
    breaker = Breaker(Fixed())
    end(breaker, what, what)
    assert breaker.state(0.0) == "closed"
    end(breaker, "ok", what, what, what)
    assert breaker.state(0.0) == "open"
    assert breaker.reason == what
    assert not breaker.allows(0.4)


@pytest.mark.parametrize("what", ["ok", "absent", "refused", "left"])
def test_no_number_of_answers_opens_it(what: What) -> None:
    breaker = Breaker(Fixed())
    end(breaker, *[what] * 100)
    assert breaker.state(0.0) == "closed"


def test_too_many_failures_among_successes_open_it() -> None:
    breaker = Breaker(Fixed())
    end(breaker, *MIXED * 3)
    assert not breaker.is_open()
    end(breaker, "ok", "broken")
    assert breaker.is_open()


def test_failures_of_more_than_half_a_minute_ago_count_no_more() -> None:
    breaker = Breaker(Fixed())
    end(breaker, *MIXED * 3)
    end(breaker, *MIXED * 3, now=31.0)
    assert not breaker.is_open()


def test_one_broken_module_is_no_broken_upstream() -> None:
    breaker = Breaker(Fixed())
    for _ in range(20):
        breaker.end(outcome("erred", "example.com/broken"), 0.0, trial=breaker.begin())
    assert not breaker.is_open()


def test_the_pause_is_random_and_doubles_to_a_minute() -> None:
    breaker = opened(chance=0.5)
    pauses, now = [], 0.0
    for _ in range(8):
        pauses.append(breaker.wait(now))
        now += breaker.wait(now)
        assert breaker.state(now) == "half-open"
        end(breaker, "broken", now=now)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_half_open_lets_one_trial_through_at_a_time() -> None:
    breaker = opened()
    assert breaker.allows(1.0)
    assert breaker.begin()
    assert not breaker.allows(1.0)


def test_two_good_trials_close_it_and_its_share_grows_slowly() -> None:
    breaker = opened()
    end(breaker, "absent", now=1.0)
    assert breaker.state(1.0) == "half-open"
    end(breaker, "ok", now=2.0)
    assert breaker.state(2.0) == "closed"
    assert [breaker.share(now) for now in (2.0, 7.0, 12.0, 20.0)] == [0.0, 0.5, 1.0, 1.0]


def test_what_was_sent_before_it_opened_does_not_lengthen_its_pause() -> None:
    breaker = opened()
    for _ in range(50):
        breaker.end(outcome("broken"), 0.1, trial=False)
    assert breaker.wait(0.0) == 0.5
    breaker.end(outcome("ok"), 0.2, trial=False)
    assert breaker.is_open()


def test_a_trial_that_nobody_waited_for_decides_nothing() -> None:
    breaker = opened()
    end(breaker, "left", now=1.0)
    assert breaker.state(1.0) == "half-open"
    assert breaker.allows(1.0)


def test_flapping_lengthens_the_pause_and_a_good_minute_forgives() -> None:
    breaker = opened()
    end(breaker, "ok", "ok", now=1.0)
    end(breaker, "broken", "broken", "broken", now=2.0)
    assert breaker.wait(2.0) == 1.0
    end(breaker, "ok", "ok", now=4.0)
    end(breaker, "broken", "broken", "broken", now=100.0)
    assert breaker.wait(100.0) == 0.5


def test_retry_after_is_a_pause_and_no_failure() -> None:
    breaker = Breaker(Fixed(0.0))
    for _ in range(5):
        breaker.end(outcome("busy", retry_after=30.0), 0.0, trial=breaker.begin())
    assert breaker.state(29.0) == "paused"
    assert not breaker.allows(29.0)
    assert not breaker.is_open()
    assert breaker.state(30.0) == "closed"


def test_an_upstream_that_does_not_say_how_long_is_left_alone_for_a_while() -> None:
    breaker = Breaker(Fixed(0.0))
    breaker.end(outcome("busy"), 0.0, trial=False)
    assert breaker.wait(0.0) == 5.0


def test_opening_from_outside_happens_once() -> None:
    breaker = Breaker(Fixed())
    breaker.open("slow", 0.0)
    breaker.open("other", 0.3)
    assert (breaker.reason, breaker.wait(0.0)) == ("slow", 0.5)
    assert breaker.share(5.0) == 0.0


def test_every_outcome_is_understood() -> None:
    for what in get_args(What):
        breaker = opened()
        end(breaker, what, now=1.0)
        assert breaker.state(1.0) in {"open", "half-open", "paused"}


def test_one_that_never_opens_lets_everything_through_and_remembers_why_not() -> None:
    breaker = NeverOpen(Fixed())
    end(breaker, *FAILING)
    assert breaker.state(0.0) == "closed"
    assert breaker.allows(0.0)
    breaker.open("slow", 0.0)
    assert (breaker.is_open(), breaker.reason) == (False, "slow")


def test_three_broken_bodies_in_a_row_open_it_though_their_answers_began_well() -> None:
    breaker = Breaker(Fixed())
    for _ in range(2):
        end(breaker, "ok")
        breaker.broke(outcome("broken"), 0.0)
    breaker.whole("meta")
    end(breaker, *MANY_GOOD)
    for number in range(3):
        assert not breaker.is_open(), number
        end(breaker, "ok")
        breaker.broke(outcome("broken"), 0.0)
    assert breaker.is_open()


def test_small_bodies_that_come_whole_say_nothing_of_zips() -> None:
    breaker = Breaker(Fixed())
    for _ in range(3):
        assert not breaker.is_open()
        breaker.broke(replace(outcome("broken"), asked="zip-small"), 0.0)
        breaker.whole("meta")
    assert breaker.is_open()


def test_after_trials_the_next_broken_body_opens_it_again_and_a_whole_one_ends_the_doubt() -> None:
    breaker = Breaker(Fixed())
    for _ in range(3):
        breaker.broke(outcome("broken"), 0.0)
    end(breaker, "ok", "ok", now=1.0)
    assert not breaker.is_open()
    breaker.broke(outcome("broken"), 2.0)
    assert breaker.is_open()
    end(breaker, "ok", "ok", now=9.0)
    breaker.whole("meta")
    breaker.broke(outcome("broken"), 10.0)
    assert not breaker.is_open()


def test_somebody_outside_may_close_it() -> None:
    breaker = opened()
    breaker.close(5.0)
    assert (breaker.state(5.0), breaker.share(5.0)) == ("closed", 0.0)
    breaker.close(9.0)
    assert breaker.since == 5.0
