"""A run as a file for node_exporter's textfile collector, in the names that the mirror uses (lab.md 8.2).

No label holds a module path: targets, cases and strata are few, and chosen by whoever measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from modmirror.lab.report.readings import readings

if TYPE_CHECKING:
    from modmirror.lab.report.facts import Report

FAMILIES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("ranking", "score"): ("modproxy_lab_score_ratio", "", "Score of the ranking, 0 to 1."),
    ("ranking", "best"): ("modproxy_lab_best_ratio", "", "Probability to be the best."),
    ("bench", "median"): ("modproxy_lab_median_seconds", "case", "Median time of a request."),
    ("bench", "p95"): ("modproxy_lab_p95_seconds", "case", "95th percentile of the time of a request."),
    ("bench", "p99"): ("modproxy_lab_p99_seconds", "case", "99th percentile of the time of a request."),
    ("bench", "failed"): ("modproxy_lab_failed_ratio", "case", "Share of requests that failed."),
    ("bench", "speed"): ("modproxy_lab_speed_bytes", "", "Median bytes a second while receiving."),
    ("coverage", "coverage"): ("modproxy_coverage_ratio", "stratum", "Share of the corpus that was right."),
    ("coverage", "mismatches"): ("modproxy_lab_mismatches", "", "Files with a wrong h1:."),
    ("freshness", "lag"): ("modproxy_freshness_lag_seconds", "kind", "Median lag of new versions."),
    ("load", "knee"): ("modproxy_lab_knee_requests", "", "Requests a second at the knee."),
    ("replay", "build"): ("modproxy_lab_build_seconds", "", "Time of a whole build."),
}
"""By measurement and metric: name, label beside ``upstream``, meaning."""
VALID = "modproxy_run_valid"


def write_prometheus(report: Report) -> str:
    """Return the page. ``modproxy_run_valid`` is 0 for every flag that is up."""
    registry = CollectorRegistry()
    gauges: dict[str, Gauge] = {}
    for reading in readings(report):
        family = FAMILIES.get((reading.measurement, reading.metric))
        if family is None:
            continue
        name, label, meaning = family
        labels = ("upstream", label) if label else ("upstream",)
        gauge = gauges.setdefault(name, Gauge(name, meaning, labels, registry=None))
        gauge.labels(*(reading.target, reading.case)[: len(labels)]).set(reading.value)
    for gauge in gauges.values():
        registry.register(gauge)
    valid = Gauge(VALID, "0: the run is not to be believed, by reason.", ("flag",), registry=registry)
    valid.labels("complete").set(report.run.state == "complete")
    for flag in report.run.flags:
        valid.labels(flag.name).set(0)
    return generate_latest(registry).decode()
