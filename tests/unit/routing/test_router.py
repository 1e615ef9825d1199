from __future__ import annotations

import pytest

from modmirror.measure.score import Prior
from modmirror.routing.outcome import Outcome, What
from modmirror.routing.plan import Question
from modmirror.routing.router import Router
from modmirror.routing.settings import RoutingSettings
from tests.fakes.chance import Fixed

POOL = ("one", "two", "three")
QUESTION = Question(POOL, "meta", "example.com/m")


@pytest.fixture
def router() -> Router:
    made = Router(Fixed())
    for name in POOL:
        made.add(name)
    return made


def ask(
    router: Router, name: str, what: What, now: float, *, seconds: float = 0.1, module: str = "m"
) -> None:
    permit = router.admit(name, now)
    assert permit is not None
    reason = "" if what in {"ok", "absent"} else f"{name} is {what}"
    router.record(permit, Outcome(what, "meta", seconds, f"example.com/{module}", reason), now)


def fail(router: Router, name: str, now: float = 0.0) -> None:
    for number in range(3):
        ask(router, name, "broken", now, module=f"m{number}")


def test_a_plan_names_everybody_once(router: Router) -> None:
    assert router.plan(QUESTION, 0.0).order == POOL


def test_saved_scores_decide_from_the_first_request_on(router: Router) -> None:
    router.restore({"two": {"meta": Prior(0.1)}, "one": {"meta": Prior(0.3)}, "gone": {"meta": Prior(0.1)}})
    assert router.plan(QUESTION, 0.0).order == ("two", "one", "three")
    assert router.snapshot(0.0) == {
        "one": {"meta": Prior(0.3)},
        "two": {"meta": Prior(0.1)},
        "three": {},
    }


def test_an_upstream_that_fails_is_asked_last_and_then_refused(router: Router) -> None:
    fail(router, "one")
    assert router.plan(QUESTION, 0.0).order == ("two", "three", "one")
    assert router.admit("one", 0.0) is None
    assert router.refusal("one", 0.0) == "not asked: one is broken; asked again in 0.5 s"


def test_what_was_on_its_way_to_it_is_rerouted_free_of_charge(router: Router) -> None:
    before = router.standings(0.0).retry_tokens
    ask(router, "one", "broken", 0.0)
    assert router.retry("one", 0.0) == "retried"
    ask(router, "one", "ok", 0.0)
    fail(router, "one")
    assert router.retry("one", 0.0) == "rerouted"
    assert router.standings(0.0).retry_tokens == before - 1


def test_retries_end_with_their_budget(router: Router) -> None:
    assert [router.retry("one", 0.0) for _ in range(31)] == ["retried"] * 30 + [None]


def test_a_hedge_is_planned_and_costs_a_token(router: Router) -> None:
    for _ in range(20):
        ask(router, "one", "ok", 0.0, seconds=0.2)
    assert router.plan(QUESTION, 0.0).hedge_after == 0.2
    assert [router.hedge() for _ in range(21)] == [True] * 20 + [False]
    assert router.plan(QUESTION, 0.0).hedge_after is None


def test_no_hedge_in_declared_order_nor_without_a_second_nor_in_a_wide_outage(router: Router) -> None:
    assert router.plan(Question(POOL, "meta", measured=False), 0.0).hedge_after is None
    assert router.plan(Question(("one",), "meta"), 0.0).hedge_after is None
    fail(router, "three")
    assert router.plan(QUESTION, 0.0).hedge_after is not None
    fail(router, "two")
    assert router.plan(QUESTION, 0.0).hedge_after is None


def test_hedging_can_be_switched_off() -> None:
    router = Router(Fixed(), RoutingSettings(hedge_share=0.0))
    for name in POOL:
        router.add(name)
    assert router.plan(QUESTION, 0.0).hedge_after is None


def test_with_all_broken_one_request_a_second_is_let_through_to_the_best(router: Router) -> None:
    router.restore({"three": {"meta": Prior(0.1)}})
    for name in POOL:
        fail(router, name)
    plan = router.plan(QUESTION, 0.1)
    assert plan.panic == "three"
    permit = router.admit("three", 0.1, panic=True)
    assert permit is not None
    assert permit.trial
    assert router.plan(QUESTION, 0.2).panic == ""
    router.record(permit, Outcome("ok", "meta", 0.1), 0.3)
    ask(router, "three", "ok", 0.3)
    assert router.plan(QUESTION, 0.4).order[0] == "three"


def test_one_that_asked_for_a_pause_gets_it_even_in_panic() -> None:
    router = Router(Fixed())
    router.add("one")
    permit = router.admit("one", 0.0)
    assert permit is not None
    router.record(permit, Outcome("busy", "meta", 0.1, retry_after=60.0), 0.0)
    assert router.plan(Question(("one",), "meta"), 1.0).panic == ""
    assert router.admit("one", 59.0) is None


def test_answers_that_have_become_slow_are_as_bad_as_failures(router: Router) -> None:
    router.plan(QUESTION, 0.0)
    for _ in range(7):
        ask(router, "one", "ok", 0.0, seconds=0.1)
    for _ in range(4):
        ask(router, "one", "ok", 0.0, seconds=2.0)
    assert router.admit("one", 0.0) is None
    assert "answers have become slow" in router.refusal("one", 0.0)


def test_one_that_was_slow_is_judged_by_how_it_came_back(router: Router) -> None:
    for number in range(7):
        ask(router, "one", "ok", float(number), seconds=0.1)
        ask(router, "two", "ok", float(number), seconds=0.15)
    fail(router, "one", 10.0)
    now = 11.0
    for _ in range(3):
        ask(router, "one", "ok", now, seconds=2.0)
        now += 1 + router.standings(now).upstreams[0].wait
    assert router.standings(now).upstreams[0].breaker == "half-open"
    for _ in range(2):
        ask(router, "one", "ok", now, seconds=0.1)
    assert router.standings(now).upstreams[0].breaker == "closed"
    assert router.standings(now).upstreams[0].scores["meta"] == pytest.approx(0.1)


def test_a_slow_one_is_better_than_none() -> None:
    router = Router(Fixed())
    router.add("one")
    router.plan(Question(("one",), "meta"), 0.0)
    for seconds in [0.1] * 7 + [2.0] * 7:
        ask(router, "one", "ok", 0.0, seconds=seconds)
    assert router.admit("one", 0.0) is not None


def test_an_upstream_that_lacks_a_module_is_asked_last_for_its_like(router: Router) -> None:
    router.lacked("one", "example.com/m", 0.0)
    assert router.plan(QUESTION, 0.0).order == ("two", "three", "one")
    assert router.plan(Question(POOL, "meta", "example.com/other"), 0.0).order == POOL
    ask(router, "one", "ok", 0.0, module="m")
    assert router.plan(QUESTION, 0.0).order == POOL


def test_bodies_that_break_off_open_the_breaker_too(router: Router) -> None:
    for number in range(3):
        router.broke("one", Outcome("broken", "zip-small", 1.0, f"example.com/{number}", "broke off"), 0.0)
    assert router.admit("one", 0.0) is None


def test_bodies_make_the_rate(router: Router) -> None:
    router.received("one", "zip-large", 10_000_000, 2.0)
    assert router.standings(0.0).upstreams[0].rate == 5_000_000


def test_a_score_that_is_a_guess_from_other_classes_ranks_and_is_not_shown(router: Router) -> None:
    ask(router, "one", "ok", 0.0, seconds=0.25)
    router.received("one", "zip-small", 1_000_000, 0.01)
    shown = router.standings(0.0).upstreams[0].scores
    assert shown == {"meta": 0.25, "zip-small": pytest.approx(0.251), "zip-large": None}
    assert router.explain(Question(POOL, "zip-large"), 0.0)[0].score == pytest.approx(10.25)


def test_the_unused_and_the_recovering_are_probed(router: Router) -> None:
    for _ in range(40):
        router.plan(QUESTION, 10.0)
    ask(router, "one", "ok", 10.0)
    assert router.probes_due(10.0) == ["two", "three"]
    fail(router, "three", 10.0)
    assert router.probes_due(10.1) == []
    assert router.probes_due(10.6) == ["three"]


def test_one_that_is_being_asked_needs_no_probe(router: Router) -> None:
    router.plan(QUESTION, 0.0)
    router.admit("one", 0.0)
    assert "one" not in router.probes_due(100.0)


def test_explaining_changes_nothing(router: Router) -> None:
    before = router.standings(0.0)
    assert [each.upstream for each in router.explain(QUESTION, 0.0)] == list(POOL)
    assert router.standings(0.0) == before


def test_standings_tell_who_is_asked_and_why(router: Router) -> None:
    router.plan(QUESTION, 1.0)
    fail(router, "one", 2.0)
    router.plan(QUESTION, 2.0)
    standings = router.standings(2.0)
    assert standings.choices == {"meta of one, two, three": "two: one cannot be asked"}
    assert [(each.at, each.subject, each.what, each.why) for each in standings.decisions] == [
        (1.0, "meta", "asks one first", "the first one declared"),
        (2.0, "one", "no longer asked", "one is broken"),
        (2.0, "meta", "asks two first", "one cannot be asked"),
    ]
    for now in (3.0, 4.0):
        ask(router, "one", "ok", now)
    assert router.standings(4.0).decisions[-1].what == "asked again"


def test_the_first_good_trial_is_enough_when_nobody_else_is_well(router: Router) -> None:
    router.plan(QUESTION, 0.0)
    for name in POOL:
        fail(router, name)
    assert not router.is_usable("one", 50.0)
    ask(router, "one", "ok", 50.0)
    assert router.is_usable("one", 50.0)
    ask(router, "two", "ok", 50.0)
    assert not router.is_usable("two", 50.0), "with one that is well there is time for a second trial"


def test_the_only_upstream_is_asked_on_as_long_as_some_of_its_answers_are_good() -> None:
    router = Router(Fixed())
    router.add("one")
    router.plan(Question(("one",), "meta"), 0.0)
    ask(router, "one", "ok", 0.0)
    for number in range(20):
        ask(router, "one", "erred", 0.0, module=f"of-a-dead-host/m{number}")


def test_the_only_upstream_is_left_alone_when_it_gives_nothing_but_errors() -> None:
    router = Router(Fixed())
    router.add("one")
    router.plan(Question(("one",), "meta"), 0.0)
    for number in range(10):
        ask(router, "one", "erred", 0.0, module=f"m{number}")
    assert router.admit("one", 0.0) is None


def test_the_only_upstream_that_cannot_be_reached_is_left_alone_at_once() -> None:
    router = Router(Fixed())
    router.add("one")
    router.plan(Question(("one",), "meta"), 0.0)
    fail(router, "one")
    assert router.admit("one", 0.0) is None


def test_the_only_upstream_is_asked_again_after_a_minute_however_long_a_pause_it_wants() -> None:
    alone, several = Router(Fixed()), Router(Fixed())
    for made, pool in ((alone, ("one",)), (several, ("one", "two"))):
        for name in pool:
            made.add(name)
        made.plan(Question(pool, "meta"), 0.0)
        permit = made.admit("one", 0.0)
        assert permit is not None
        made.record(permit, Outcome("busy", "meta", 0.1, "m", "status 503", retry_after=3000.0), 0.0)
        assert made.admit("one", 59.0) is None
    assert alone.admit("one", 70.0) is not None
    assert several.admit("one", 70.0) is None
