"""Samples of runs that never happened, by laws that are known."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from modmirror.measure.sample import Sample, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from modmirror.measure.sample import Connection, Outcome


def sample(
    target: str,
    seconds: float = 0.1,
    *,
    block: int = 0,
    case: str = "info",
    connection: Connection = "warm",
    outcome: Outcome = "ok",
    measurement: str = "bench",
    size: int = 200,
    stutter: float | None = None,
) -> Sample:
    """Return a request that took so long: a tenth to send, half to wait, the rest to receive."""
    return Sample(
        measurement=measurement,
        target=target,
        case=case,
        path=f"example.test/m/@v/v1.{block}.0.info",
        block=block,
        intended=float(block),
        started=float(block),
        timing=Timing(send=seconds * 0.1, wait=seconds * 0.5, receive=seconds * 0.4, total=seconds),
        outcome=outcome,
        connection=connection,
        status=200 if outcome == "ok" else None,
        size=size,
        stutter=stutter,
    )


def lognormal(chance: Random, middle: float, spread: float = 0.35) -> float:
    """Return a time around a median, spread by factors."""
    return exp(log(middle) + chance.gauss(0, spread))


def blocks(
    chance: Random,
    middles: Mapping[str, float],
    count: int = 100,
    *,
    spread: float = 0.35,
    drift: Callable[[int, int], float] = lambda _block, _place: 1.0,
) -> list[Sample]:
    """Return a bench of one case: each block asks every target once, in random order.

    Args:
        chance: makes the times and the orders.
        middles: median seconds by target.
        count: of blocks.
        spread: standard deviation of the logarithm.
        drift: by what a time is multiplied, by block and by place within the block.
    """
    made = []
    for block in range(count):
        order = list(middles)
        chance.shuffle(order)
        made += [
            sample(target, lognormal(chance, middles[target], spread) * drift(block, place), block=block)
            for place, target in enumerate(order)
        ]
    return made
