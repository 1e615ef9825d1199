"""The numbers of a freshness measurement that a threshold can be set for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.thresholds import Reading

if TYPE_CHECKING:
    from modmirror.lab.results.freshness import FreshnessResult

METRICS = {
    "median": "seconds",
    **dict.fromkeys(("within_60", "within_300", "within_1800"), "ratio"),
    "never": "versions",
}
"""By name: the unit."""


def readings(result: FreshnessResult) -> list[Reading]:
    """Return median lags in seconds, shares in time, and counts; the case is the place."""
    found = []
    for target, places in result.targets.items():
        for place, lag in places.items():
            numbers = [
                ("median", lag.median.value),
                *(
                    (f"within_{seconds}", share.ok / share.n if share.n else None)
                    for seconds, share in lag.within.items()
                ),
                ("never", lag.never),
            ]
            found += [Reading(target, place, metric, value, METRICS[metric]) for metric, value in numbers]
    return found
