"""What the router is held to (lab.md 4.2). Runs are seeded: the numbers are the same on every machine."""

from __future__ import annotations

import math

import pytest

from modmirror.lab.simulate.policies import POLICIES
from modmirror.lab.simulate.run import Result, simulate, simulate_seeds
from modmirror.lab.simulate.scenario import Fault, Scenario, Site
from modmirror.lab.simulate.shipped import shipped

SHIPPED = shipped()
MAIN, QUEUEING, ALL_DOWN, RECOVERY = (
    SHIPPED[name] for name in ("main", "queueing", "all-down", "recovery")
)
ONE_SICK = ("flapping", "slow-death", "partial-coverage", "recovery")


def both(scenario: Scenario) -> tuple[Result, Result]:
    return simulate(scenario, "static-order", 1), simulate(scenario, "measured", 1)


def test_equal_seeds_give_equal_results() -> None:
    assert simulate(RECOVERY, "measured", 7) == simulate(RECOVERY, "measured", 7)


def test_the_slow_tail_is_fifteen_times_shorter_for_a_tenth_more_load() -> None:
    static, measured = (simulate_seeds(MAIN, policy, (1, 2, 3)) for policy in ("static-order", "measured"))
    assert static.p99 >= 15 * measured.p99
    assert measured.extra <= 0.10
    assert measured.failed == 0


def test_a_queue_at_the_best_one_sends_clients_elsewhere() -> None:
    static, measured = both(QUEUEING)
    assert static.p99 >= 10 * measured.p99
    assert measured.extra <= 0.10


def test_when_all_are_down_few_requests_are_sent_and_all_is_well_soon_after() -> None:
    static, measured = both(ALL_DOWN)
    assert static.extra > 0.5
    assert measured.extra < 0
    assert measured.failed < 1.05 * ALL_DOWN.rate * 60
    assert measured.p99 < 0.2


@pytest.mark.parametrize("name", ONE_SICK)
def test_one_sick_upstream_is_hardly_noticed(name: str) -> None:
    static, measured = both(SHIPPED[name])
    assert measured.failed == 0
    assert measured.p99 < 0.2
    assert measured.p99 < 0.8 * static.p99
    assert measured.extra <= 0.12


def test_two_choices_are_no_match_where_upstreams_are_unlike() -> None:
    assert simulate(MAIN, "two-choices", 1).p99 > 4 * simulate(MAIN, "measured", 1).p99


def test_nobody_else_comes_nearer_to_the_best_choice_in_hindsight() -> None:
    regret = {policy: simulate(MAIN, policy, 1).regret for policy in POLICIES}
    assert regret["measured"] < 0.1 * min(regret["static-order"], regret["two-choices"])


def test_the_only_upstream_that_there_is_leaves_nothing_to_regret_but_chance() -> None:
    alone = Scenario("alone", (Site("only", 0.1, sigma=0.0, stragglers=0.0),), seconds=60)
    assert simulate(alone, "static-order", 1).regret == pytest.approx(0, abs=1e-6)


def test_where_nobody_was_answered_times_are_endless() -> None:
    dead = Site("dead", 0.1, faults=(Fault("refuse", 0, 100),))
    result = simulate(Scenario("dead", (dead,), seconds=10), "static-order", 1)
    assert (result.failed, result.p99) == (result.requests, math.inf)
