"""The numbers of a load that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results import LoadResult, LoadStep

METRICS = ("knee", "capacity", "p50", "p95", "p99", "p999", "max", "errors", "dropped")
SWEEP_CASE = "sweep"


def readings(result: LoadResult) -> list[Reading]:
    """Return knee and capacity, and the times and shares of each step that is below or at the knee."""
    name = result.target
    found = [
        Reading(name, "knee", "knee", result.knee),
        Reading(name, "closed", "capacity", result.closed_capacity),
    ]
    for step in result.steps:
        found += _of(step, name)
    return found


def _of(step: LoadStep, name: str) -> list[Reading]:
    case = f"{step.offered:.0f}/s" if step.part == SWEEP_CASE else step.part
    found = [Reading(name, case, metric, value) for metric, value in step.response.items()]
    if step.n:
        found.append(Reading(name, case, "errors", sum(step.errors.values()) / step.n))
        found.append(Reading(name, case, "dropped", step.dropped / step.n))
    return found
