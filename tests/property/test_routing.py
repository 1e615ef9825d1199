"""Laws of routing that hold whatever upstreams do (lab.md 4.3)."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from modmirror.lab.simulate.measured import Measured
from modmirror.lab.simulate.scenario import Fault, Scenario, Site
from modmirror.lab.simulate.world import World
from modmirror.routing.breaker import Breaker
from modmirror.routing.outcome import Outcome

TROUBLES = ("slow", "black-hole", "refuse", "erring", "busy", "worsening")

faults = st.builds(
    lambda trouble, start, length, factor: Fault(trouble, start, start + length, factor),
    st.sampled_from(TROUBLES),
    st.floats(0, 25),
    st.floats(1, 30),
    st.floats(0.1, 40),
)
sites = st.builds(
    Site,
    name=st.just("site"),
    median=st.floats(0.001, 1.0),
    workers=st.integers(0, 3),
    lacks=st.sampled_from([0.0, 0.5, 1.0]),
    faults=st.lists(faults, max_size=3).map(tuple),
)
scenarios = st.lists(sites, min_size=1, max_size=4).map(
    lambda made: Scenario(
        "any",
        tuple(replace(site, name=f"site{number}") for number, site in enumerate(made)),
        seconds=30,
        rate=15,
        modules=20,
    )
)


def played(scenario: Scenario, seed: int) -> tuple[World, Measured]:
    world = World(scenario, Random(seed))
    policy = Measured(world)
    world.run(policy)
    return world, policy


@settings(max_examples=25, deadline=None)
@given(scenarios, st.integers(0, 1000))
def test_every_request_gets_exactly_one_answer(scenario: Scenario, seed: int) -> None:
    world, policy = played(scenario, seed)
    assert [each.endings for each in world.requests] == [1] * len(world.requests)
    assert all(each.running == 0 for each in policy.router.standings(world.engine.now).upstreams)


@settings(max_examples=25, deadline=None)
@given(scenarios, st.integers(0, 1000))
def test_extra_requests_stay_within_their_budgets(scenario: Scenario, seed: int) -> None:
    world, policy = played(scenario, seed)
    asked = len(world.requests)
    assert policy.hedges <= 20 + 0.10 * asked
    assert policy.retried <= 0.2 * asked + 3 * (scenario.seconds + 60)
    assert policy.probes <= 10 + 0.03 * asked


@settings(max_examples=25, deadline=None)
@given(scenarios, st.integers(0, 1000))
def test_nobody_is_told_that_nothing_exists_while_somebody_could_not_be_asked(
    scenario: Scenario, seed: int
) -> None:
    world, _ = played(scenario, seed)
    if any(site.lacks == 0 for site in scenario.sites):
        assert all(each.result != "absent" for each in world.requests)


@settings(max_examples=8, deadline=None)
@given(scenarios, st.integers(0, 1000))
def test_no_upstream_is_abandoned_for_ever(scenario: Scenario, seed: int) -> None:
    quiet = replace(scenario, seconds=260)
    world = World(quiet, Random(seed))
    policy = Measured(world)
    before: dict[str, int] = {}
    # All trouble is over after 55 s; the longest pause is a minute, of a trial for which a minute was left.
    world.engine.at(60, lambda: before.update(world.sent))
    world.run(policy)
    assert all(world.sent[name] > before[name] for name in world.names)


@given(st.lists(st.tuples(st.sampled_from(["absent", "ok", "refused"]), st.floats(0, 100)), max_size=200))
def test_a_breaker_never_opens_on_answers(answers: list[tuple[str, float]]) -> None:
    breaker = Breaker(Random(1))
    for what, seconds in answers:
        breaker.end(Outcome(what, "meta", seconds, "m"), seconds, trial=breaker.begin())  # type: ignore[arg-type]  # sampled_from widens the literals
    assert not breaker.is_open()
