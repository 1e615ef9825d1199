"""Runs policies in scenarios and says what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from statistics import fmean, median
from typing import TYPE_CHECKING

from modmirror.lab.simulate.policies import POLICIES
from modmirror.lab.simulate.world import World
from modmirror.measure.score import at_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.simulate.scenario import Scenario

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one policy made of one scenario; of several seeds, the median of each number."""

    scenario: str
    policy: str
    requests: float
    failed: float
    mean: float
    """Seconds, as the next three; of requests that were answered. Endless: none was."""
    p50: float
    p95: float
    p99: float
    extra: float
    """Requests sent beyond one for each client, as a share."""
    regret: float
    """Seconds in an hour that clients waited longer than with the best choice, made by somebody who knows
    at each moment how fast everybody is; a client that failed counts as one that lost its patience."""


def simulate(scenario: Scenario, policy: str, seed: int) -> Result:
    """Run one policy in one scenario. Equal seeds give equal results, and every policy the same clients."""
    world = World(scenario, Random(seed))  # noqa: S311  # a simulation wants to be repeatable
    world.run(POLICIES[policy](world))
    return summary(world, policy)


def simulate_seeds(scenario: Scenario, policy: str, seeds: Sequence[int]) -> Result:
    """Run with several seeds and take the median of each number."""
    runs = [simulate(scenario, policy, seed) for seed in seeds]
    return Result(
        scenario.name,
        policy,
        requests=median(run.requests for run in runs),
        failed=median(run.failed for run in runs),
        mean=median(run.mean for run in runs),
        p50=median(run.p50 for run in runs),
        p95=median(run.p95 for run in runs),
        p99=median(run.p99 for run in runs),
        extra=median(run.extra for run in runs),
        regret=median(run.regret for run in runs),
    )


def summary(world: World, policy: str) -> Result:
    """Say what came of a run that has ended."""
    waited = [each.seconds for each in world.requests if each.result != "failed"] or [math.inf]
    sent = sum(world.sent.values())
    asked = len(world.requests)
    return Result(
        world.scenario.name,
        policy,
        requests=asked,
        failed=sum(each.result not in {"ok", "absent"} for each in world.requests),
        mean=fmean(waited),
        p50=at_share(waited, 0.50),
        p95=at_share(waited, 0.95),
        p99=at_share(waited, 0.99),
        extra=sent / max(1, asked) - 1,
        regret=_regret(world) * _HOUR / world.scenario.seconds,
    )


def _regret(world: World) -> float:
    """Return the seconds lost by all clients whom somebody could have answered."""
    patience = world.scenario.patience
    return sum(
        (max(each.seconds, patience) if each.result == "failed" else each.seconds) - each.best
        for each in world.requests
        if each.best is not None
    )
