from __future__ import annotations

from random import Random

import pytest

from modmirror.lab.simulate.policies import POLICIES, StaticOrder, TwoChoices
from modmirror.lab.simulate.scenario import Fault, Scenario, Site
from modmirror.lab.simulate.world import World


def world(*faults: Fault, lacks: float = 0.0) -> World:
    first = Site("first", 0.1, faults=faults, lacks=lacks, sigma=0.0, stragglers=0.0)
    second = Site("second", 0.2, sigma=0.0, stragglers=0.0)
    return World(Scenario("test", (first, second), seconds=60), Random(1))


@pytest.mark.parametrize("policy", list(POLICIES))
def test_every_policy_answers_everybody_once(policy: str) -> None:
    here = world(Fault("refuse", 10, 20), Fault("black-hole", 30, 40), lacks=0.3)
    here.run(POLICIES[policy](here))
    assert {(each.result, each.endings) for each in here.requests} == {("ok", 1)}


def test_a_fixed_order_asks_the_first_as_long_as_it_works() -> None:
    here = world()
    here.run(StaticOrder(here))
    assert here.sent["second"] == 0


def test_a_fixed_order_leaves_a_broken_one_alone_for_a_while() -> None:
    here = world(Fault("refuse", 0, 60))
    here.run(StaticOrder(here))
    assert here.sent["first"] < 40
    assert here.sent["second"] == len(here.requests)


def test_two_choices_share_the_load_by_cost() -> None:
    here = world()
    here.run(TwoChoices(here))
    assert here.sent["first"] > here.sent["second"] > 0
