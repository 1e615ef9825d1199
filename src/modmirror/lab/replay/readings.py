"""The numbers of a replay that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results.replay import ReplayResult

METRICS = {"seconds": "seconds", "go_seconds": "seconds", "failed": "requests"}
"""By name: the unit."""


def readings(result: ReplayResult) -> list[Reading]:
    """Return median seconds and failures."""
    found = []
    for name, cost in result.targets.items():
        found.append(Reading(name, "build", "seconds", cost.seconds.value, METRICS["seconds"]))
        found.append(Reading(name, "build", "failed", cost.failed, METRICS["failed"]))
        if cost.go_seconds is not None:
            found.append(Reading(name, "build", "go_seconds", cost.go_seconds.value, METRICS["go_seconds"]))
    return found
