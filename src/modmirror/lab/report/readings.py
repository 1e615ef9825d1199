"""A run as a flat list of numbers: what CSV and Prometheus have, and what thresholds are compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.report.facts import Report
    from modmirror.lab.results.estimates import Estimate, Share


class Reading(Struct, frozen=True):
    """One number, in the unit that its name ends with in Prometheus: seconds, bytes, a ratio."""

    measurement: str
    target: str
    case: str
    metric: str
    unit: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


def readings(report: Report) -> Iterator[Reading]:
    """Yield every number that stands for one target. What is too uncertain to be shown is left out."""
    yield from _ranking(report)
    yield from _bench(report)
    yield from _coverage(report)
    yield from _freshness(report)
    yield from _load(report)
    yield from _faults(report)
    yield from _replay(report)


def _estimated(
    measurement: str, target: str, case: str, name: tuple[str, str], found: Estimate
) -> Iterator[Reading]:
    if found.value is not None:
        yield Reading(measurement, target, case, *name, found.value, found.low, found.high, found.n)


def _shared(measurement: str, target: str, case: str, metric: str, found: Share) -> Iterator[Reading]:
    if found.n:
        share = found.ok / found.n
        yield Reading(measurement, target, case, metric, "ratio", share, found.low, found.high, found.n)


def _ranking(report: Report) -> Iterator[Reading]:
    for each in report.ranking.targets if report.ranking else ():
        if each.score is not None:
            yield Reading("ranking", each.target, "", "score", "ratio", each.score)
        if each.chance:
            yield Reading("ranking", each.target, "", "best", "ratio", each.chance[0])


def _bench(report: Report) -> Iterator[Reading]:
    if report.bench is None:
        return
    for target, cases in report.bench.targets.items():
        for case, found in cases.items():
            for metric in ("median", "p95", "p99"):
                yield from _estimated("bench", target, case, (metric, "seconds"), getattr(found, metric))
            if found.mean is not None:
                yield Reading("bench", target, case, "mean", "seconds", found.mean, n=found.n)
            tried = found.tried
            if tried:
                yield Reading("bench", target, case, "failed", "ratio", found.failed / tried, n=tried)
    for target, speed in report.bench.speeds.items():
        yield from _estimated("bench", target, "", ("speed", "bytes/s"), speed.receive)


def _coverage(report: Report) -> Iterator[Reading]:
    for target, found in report.coverage.targets.items() if report.coverage else ():
        yield from _shared("coverage", target, "all", "coverage", found.overall)
        for stratum, share in found.strata.items():
            yield from _shared("coverage", target, stratum, "coverage", share)
        yield Reading("coverage", target, "all", "mismatches", "files", len(found.mismatches))


def _freshness(report: Report) -> Iterator[Reading]:
    for target, places in report.freshness.targets.items() if report.freshness else ():
        for place, lag in places.items():
            yield from _estimated("freshness", target, place, ("lag", "seconds"), lag.median)


def _load(report: Report) -> Iterator[Reading]:
    for found in report.load:
        if found.knee is not None:
            yield Reading("load", found.target, "", "knee", "requests/s", found.knee)


def _faults(report: Report) -> Iterator[Reading]:
    for found in report.faults:
        for scenario, runs in found.scenarios.items():
            for run in runs:
                yield Reading("fault", found.target, scenario, "gap", "seconds", run.gap)


def _replay(report: Report) -> Iterator[Reading]:
    for target, cost in report.replay.targets.items() if report.replay else ():
        yield from _estimated("replay", target, "", ("build", "seconds"), cost.seconds)
