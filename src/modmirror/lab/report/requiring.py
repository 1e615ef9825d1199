"""Bars that a reader sets for a report, over every number that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.bench import readings as bench
from modmirror.lab.report.facts import Requirement
from modmirror.lab.report.phrases import TOO_SMALL
from modmirror.lab.report.readings import readings
from modmirror.lab.thresholds import Reading, parse_thresholds, shortfalls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.lab.report.facts import Report
    from modmirror.lab.thresholds import Shortfall, Threshold

METRICS = (*bench.METRICS, "score", "best", "coverage", "mismatches", "lag", "knee", "gap", "build")
"""What a bar may be set for."""


def required(report: Report, bars: Sequence[str]) -> tuple[Requirement, ...]:
    """Judge a report by bars such as ``p95<200ms`` or ``popular coverage>98%``.

    Raises:
        ConfigError: a bar cannot be read, or names no metric.
    """
    thresholds = parse_thresholds(bars, METRICS)
    found = _readings(report)
    return tuple(_judged(each, found) for each in thresholds)


def _judged(threshold: Threshold, found: Sequence[Reading]) -> Requirement:
    missed = tuple(shortfalls((threshold,), found))
    return Requirement(threshold.text, tuple(map(str, missed)), tuple(map(_chinese, missed)))


def _chinese(missed: Shortfall) -> str:
    if missed.reading is None:
        return f"{missed.bar}：未测量此类数据"
    reading = missed.reading
    value = TOO_SMALL.zh if reading.value is None else reading.shown
    return f"{missed.bar}：{reading.target}，{reading.case}：{value}"


def _readings(report: Report) -> list[Reading]:
    # The bench also says what it has too few samples for: that meets no bar.
    measured = list(bench.readings(report.bench)) if report.bench else []
    others = (each for each in readings(report) if each.measurement != "bench")
    return [
        *measured,
        *(Reading(each.target, each.case, each.metric, each.value, each.unit) for each in others),
    ]
