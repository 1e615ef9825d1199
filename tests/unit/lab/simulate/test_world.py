from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

import pytest

from modmirror.lab.simulate.scenario import Fault, Scenario, Site
from modmirror.lab.simulate.world import Request, World

if TYPE_CHECKING:
    from modmirror.lab.simulate.scenario import Answer

SITE = Site("site", 1.0, sigma=0.0, stragglers=0.0)


class AtOnce:
    name = "at-once"

    def __init__(self, world: World) -> None:
        self.world = world

    def fetch(self, request: Request) -> None:
        request.end("ok", self.world.engine.now)


def world(*sites: Site) -> World:
    return World(Scenario("test", sites, seconds=100, rate=5), Random(1))


def heard_at(here: World, requests: int) -> list[float]:
    heard: list[float] = []

    def hear(_: Answer) -> None:
        heard.append(here.engine.now)

    for _ in range(requests):
        here.send("site", "example.com/m", hear)
    here.engine.run(100.0)
    return heard


def test_clients_come_at_random_as_often_as_the_scenario_says() -> None:
    here = world(SITE)
    here.run(AtOnce(here))
    assert len(here.requests) == pytest.approx(500, abs=70)
    began = [each.began for each in here.requests]
    assert began == sorted(began)
    assert began[-1] < 100
    assert {each.endings for each in here.requests} == {1}


def test_an_answer_comes_after_its_latency() -> None:
    here = world(SITE)
    assert heard_at(here, 3) == [1.0, 1.0, 1.0]
    assert here.sent == {"site": 3}


def test_few_workers_make_a_queue() -> None:
    queued = Site("site", 1.0, sigma=0.0, stragglers=0.0, workers=2)
    assert heard_at(world(queued), 5) == [1.0, 1.0, 2.0, 2.0, 3.0]


def test_a_black_hole_never_answers() -> None:
    assert heard_at(world(Site("site", 1.0, faults=(Fault("black-hole", 0, 100),))), 3) == []


def test_a_client_that_got_no_answer_waits_for_ever() -> None:
    request = Request("example.com/m", 1.0)
    assert request.seconds == math.inf
    request.end("ok", 3.0)
    assert request.seconds == 2.0
