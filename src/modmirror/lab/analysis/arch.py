"""The score that Arch Linux gives its mirrors, for those who know it (lab.md 1.1). Lower is better.

Delay in hours, mean and spread of a request's seconds, all divided by the share of requests that went well.
It mixes units and knows no content: it is shown beside our score, and decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

from modmirror.lab.analysis.bench import MEASUREMENT
from modmirror.lab.analysis.times import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from modmirror.lab.results.freshness import FreshnessResult
    from modmirror.measure.sample import Sample

LEAST_COMPLETION = 0.005
"""What a mirror that never answered is divided by."""
_HOUR = 3600.0
_SMALL = frozenset({"info", "list"})
"""Arch asks for one small file."""


def arch_scores(samples: Iterable[Sample], freshness: FreshnessResult | None) -> dict[str, float]:
    """Return the score of every target of a bench; one whose lists never became fresh has none."""
    asked: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.measurement == MEASUREMENT and sample.case in _SMALL:
            asked[sample.target].append(sample)
    found = {}
    for target, own in sorted(asked.items()):
        delay = _delay(target, freshness)
        times = [seconds for sample in own if (seconds := time_of(sample)) is not None]
        if delay is not None and times:
            found[target] = (delay + fmean(times) + pstdev(times)) / _completion(own)
    return found


def _delay(target: str, freshness: FreshnessResult | None) -> float | None:
    """Return hours; 0 where the delay was not measured, of nobody."""
    if freshness is None:
        return 0.0
    place = freshness.targets.get(target, {}).get("list")
    lag = place.median.value if place else None
    return None if lag is None else lag / _HOUR


def _completion(samples: Sequence[Sample]) -> float:
    return sum(sample.outcome == "ok" for sample in samples) / len(samples) or LEAST_COMPLETION
