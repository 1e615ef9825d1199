"""Which rate is tried next, and where the knee is (lab.md 2.1). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.results.load import LoadStep

FACTOR = 1.25
"""Between one rate and the next."""
PARTS = (0.25, 0.5, 0.75)
"""Shares of the knee at which latency is told."""
LEAST = 1.0
"""Requests a second below which nothing is tried."""

_MAX_ERRORS = 0.01
_LEAST_ACHIEVED = 0.98
_CLOSE = 1.0001
"""Two rates so near to one another are the same one."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What a rate must hold to be below the knee."""

    p99: float
    """Seconds."""


def failing(step: LoadStep, objective: Objective) -> str:
    """Return why a step is beyond the knee, or nothing."""
    errors = sum(step.errors.values())
    missed = errors + step.dropped
    if step.n and missed / step.n > _MAX_ERRORS:
        return f"{missed} of {step.n} failed ({errors} errors, {step.dropped} dropped)"
    p99 = step.response.get("p99")
    name, slowest = ("the longest time", step.response.get("max")) if p99 is None else ("P99", p99)
    if slowest is not None and slowest > objective.p99:
        return f"{name} was {slowest * 1000:.0f} ms, above {objective.p99 * 1000:.0f} ms"
    if step.achieved < _LEAST_ACHIEVED * step.offered:
        return f"{step.achieved / step.offered:.1%} of the rate was answered"
    return ""


def next_rate(steps: Sequence[LoadStep], start: float, most: float | None) -> float | None:
    """Return the rate of the next step, or None when the knee is known. None is above ``most``.

    A rate is given up after it has failed twice: one bad moment of the machine is no knee. While nothing
    passes, rates are halved.
    """
    if not steps:
        return start if most is None else min(start, most)
    last = steps[-1]
    if last.failed and not any(each.failed and _same(each, last) for each in steps[:-1]):
        return last.offered
    passed = [each.offered for each in steps if not each.failed]
    failed = [each.offered for each in steps if each.failed and each.offered not in passed]
    if not passed:
        lower = last.offered / 2
        return lower if lower >= LEAST else None
    higher = max(passed) * FACTOR
    if failed and higher * _CLOSE >= min(failed):
        return None
    return None if most is not None and higher > most * _CLOSE else higher


def knee(steps: Sequence[LoadStep]) -> float | None:
    """Return the highest rate that held."""
    return max((each.offered for each in steps if not each.failed), default=None)


def why(steps: Sequence[LoadStep]) -> str:
    """Return what ended a sweep, for a reader."""
    best = knee(steps)
    beyond = [each for each in steps if each.failed and each.offered > (best or 0.0)]
    if not beyond:
        return "the highest rate that was tried held"
    lowest = min(each.offered for each in beyond)
    last = [each for each in beyond if each.offered == lowest][-1]
    return f"at {lowest:.0f}/s {last.failed}"


def _same(one: LoadStep, other: LoadStep) -> bool:
    return one.offered == other.offered
