"""What the router is held to (lab.md 4.2). Runs are seeded: the numbers are the same on every machine."""

from __future__ import annotations

import pytest

from modmirror.lab.simulate.run import Result, simulate, simulate_seeds
from modmirror.lab.simulate.scenario import (
    ALL_DOWN,
    FLAPPING,
    MAIN,
    PARTIAL,
    QUEUEING,
    RECOVERY,
    SLOW_DEATH,
    Scenario,
)


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


@pytest.mark.parametrize("scenario", [FLAPPING, SLOW_DEATH, PARTIAL, RECOVERY], ids=lambda each: each.name)
def test_one_sick_upstream_is_hardly_noticed(scenario: Scenario) -> None:
    static, measured = both(scenario)
    assert measured.failed == 0
    assert measured.p99 < 0.2 < static.p99
    assert measured.extra <= 0.12


def test_two_choices_are_no_match_where_upstreams_are_unlike() -> None:
    assert simulate(MAIN, "two-choices", 1).p99 > 4 * simulate(MAIN, "measured", 1).p99
