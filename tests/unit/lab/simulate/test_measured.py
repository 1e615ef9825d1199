from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.simulate.measured import Measured, outcome_of
from modmirror.lab.simulate.scenario import Answer, Fault, Scenario, Site
from modmirror.lab.simulate.world import World
from modmirror.routing.outcome import Outcome
from modmirror.routing.settings import RoutingSettings


def played(*sites: Site, settings: RoutingSettings | None = None) -> tuple[World, Measured]:
    world = World(Scenario("test", sites, seconds=60), Random(1))
    policy = Measured(world, settings)
    world.run(policy)
    return world, policy


def test_the_faster_one_is_found_although_it_is_declared_last() -> None:
    world, _ = played(Site("slow", 0.4), Site("fast", 0.02))
    assert world.sent["fast"] > 0.9 * len(world.requests)


def test_a_black_hole_costs_hedges_not_time_outs() -> None:
    hole = Site("hole", 0.03, faults=(Fault("black-hole", 20, 60),))
    world, policy = played(hole, Site("other", 0.06, stragglers=0.0))
    assert policy.hedges > 0
    assert max(each.seconds for each in world.requests if 20 <= each.began < 60) < 1.5
    assert {each.result for each in world.requests} == {"ok"}


def test_without_hedges_it_still_switches() -> None:
    world, policy = played(
        Site("hole", 0.03, faults=(Fault("black-hole", 20, 60),)),
        Site("other", 0.06),
        settings=RoutingSettings(hedge_share=0.0),
    )
    assert policy.hedges == 0
    assert {each.result for each in world.requests} == {"ok"}


def test_what_one_lacks_another_gives() -> None:
    world, _ = played(Site("partial", 0.02, lacks=0.5), Site("whole", 0.2))
    assert {each.result for each in world.requests} == {"ok"}


def test_when_all_say_absent_it_is_absent() -> None:
    world, _ = played(Site("empty", 0.02, lacks=1.0), Site("empty-too", 0.2, lacks=1.0))
    assert {each.result for each in world.requests} == {"absent"}


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Answer("ok", 0.1), Outcome("ok", "meta", 0.2, "m")),
        (Answer("absent", 0.1), Outcome("absent", "meta", 0.2, "m")),
        (Answer("busy", 0.1, 9.0), Outcome("busy", "meta", 0.2, "m", "busy", 9.0)),
        (Answer("silent", 0.1), Outcome("broken", "meta", 0.2, "m", "silent")),
    ],
)
def test_answers_are_told_in_the_words_of_routing(said: Answer, outcome: Outcome) -> None:
    assert outcome_of(said, 0.2, "m") == outcome
