"""The numbers of a freshness measurement that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results import FreshnessResult

METRICS = ("median", "within_60", "within_300", "within_1800", "never")


def readings(result: FreshnessResult) -> list[Reading]:
    """Return median lags in seconds, shares in time, and counts; the case is the place."""
    found = []
    for target, places in result.targets.items():
        for place, lag in places.items():
            found.append(Reading(target, place, "median", lag.median.value))
            found += [
                Reading(target, place, f"within_{seconds}", share.ok / share.n if share.n else None)
                for seconds, share in lag.within.items()
            ]
            found.append(Reading(target, place, "never", lag.never))
    return found
