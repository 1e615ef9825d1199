"""What the client itself costs: the floor of each phase, at a server that does nothing (lab.md 2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from modmirror.lab.engine.nullserver import null_server
from modmirror.lab.engine.port import Request
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from modmirror.lab.engine.port import Engine
    from modmirror.measure.sample import Timing

ROUNDS = 30
_PHASES = ("connect", "send", "wait", "receive", "total")
_DISCARDED = 5
"""First rounds: imports and caches of the client itself."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Seconds."""

    median: Mapping[str, float]
    """By phase; ``connect`` of cold requests, all others of warm ones."""
    mad: Mapping[str, float]
    """Median absolute deviation, by phase."""


async def calibrate(engine: Engine, rounds: int = ROUNDS) -> Floor:
    """Measure the floor. Takes some milliseconds."""
    cold: list[Timing] = []
    warm: list[Timing] = []
    async with null_server() as url:
        target = parse_target(url, name="null server")
        for _ in range(rounds + _DISCARDED):
            cold.append((await engine.fetch(Request(target, "null"))).timing)
            warm.append((await engine.fetch(Request(target, "null", connection="warm"))).timing)
    seconds = {phase: _seconds(cold if phase == "connect" else warm, phase) for phase in _PHASES}
    middles = {phase: median(values) for phase, values in seconds.items()}
    return Floor(
        median=middles,
        mad={
            phase: median(abs(each - middles[phase]) for each in values)
            for phase, values in seconds.items()
        },
    )


def _seconds(timings: Sequence[Timing], phase: str) -> list[float]:
    return [getattr(timing, phase) or 0.0 for timing in timings[_DISCARDED:]]
