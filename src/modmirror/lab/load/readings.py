"""The numbers of a load that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results.load import LoadResult, LoadStep

METRICS = {
    **dict.fromkeys(("knee", "capacity"), "requests/s"),
    **dict.fromkeys(("p50", "p95", "p99", "p999", "max"), "seconds"),
    **dict.fromkeys(("errors", "dropped"), "ratio"),
}
"""By name: the unit."""
SWEEP_CASE = "sweep"


def readings(result: LoadResult) -> list[Reading]:
    """Return knee and capacity, and the times and shares of each step that is below or at the knee."""
    numbers = [("knee", "knee", result.knee), ("closed", "capacity", result.closed_capacity)]
    for step in result.steps:
        numbers += _of(step)
    return [Reading(result.target, case, metric, value, METRICS[metric]) for case, metric, value in numbers]


def _of(step: LoadStep) -> list[tuple[str, str, float | None]]:
    case = f"{step.offered:.0f}/s" if step.part == SWEEP_CASE else step.part
    found = [(case, metric, value) for metric, value in step.response.items()]
    if step.n:
        found.append((case, "errors", sum(step.errors.values()) / step.n))
        found.append((case, "dropped", step.dropped / step.n))
    return found
