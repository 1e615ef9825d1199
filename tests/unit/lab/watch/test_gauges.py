from __future__ import annotations

from prometheus_client.exposition import generate_latest

from modmirror.lab.engine.port import Fetched, Request
from modmirror.lab.render.prometheus import FAMILIES
from modmirror.lab.run.manifest import Flag
from modmirror.lab.watch.gauges import CONNECTION, SHARED, WatchMetrics
from modmirror.lab.watch.rounds import Look
from modmirror.telemetry.metrics import SPECS
from tests.fakes.lab import JumpingClock, answered, targets_named


def fetched(status: int = 200) -> Fetched:
    return answered(Request(targets_named("a")[0], "x"), JumpingClock(), 0.04, status=status)


def page(metrics: WatchMetrics) -> dict[str, float]:
    lines = generate_latest(metrics.registry).decode().splitlines()
    return {
        key: float(value) for key, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def test_phases_and_results_are_counted_by_upstream_class_and_connection() -> None:
    metrics = WatchMetrics()
    metrics.looked(Look("a", fetched(), fetched(), fetched(503), None), None)
    found = page(metrics)
    assert (
        found['modproxy_upstream_phase_seconds_count{class="info",conn="warm",phase="wait",upstream="a"}']
        == 1
    )
    assert found['modproxy_upstream_probe_total{result="ok",upstream="a"}'] == 2
    assert found['modproxy_upstream_probe_total{result="5xx",upstream="a"}'] == 1
    assert found['modproxy_upstream_up{upstream="a"}'] == 0
    assert not [key for key in found if "freshness" in key]


def test_a_mirror_that_answered_everything_is_up_and_has_its_lag() -> None:
    metrics = WatchMetrics()
    metrics.looked(Look("a", fetched(), None, fetched(), ()), 30.0)
    found = page(metrics)
    assert found['modproxy_upstream_up{upstream="a"}'] == 1
    assert found['modproxy_freshness_lag_seconds{kind="list",upstream="a"}'] == 30


def test_a_flag_is_up_for_its_round_only() -> None:
    metrics = WatchMetrics()
    metrics.ended([Flag("clock_jump", "by 3 s")])
    assert page(metrics)['modproxy_run_valid{flag="clock_jump"}'] == 0
    metrics.ended([])
    found = page(metrics)
    assert found['modproxy_run_valid{flag="complete"}'] == 1
    assert not [key for key in found if "clock_jump" in key]
    assert found["modproxy_lab_rounds_total"] == 2


def test_what_the_mirror_has_too_is_the_same_but_for_the_connection() -> None:
    specs = {spec.name.removesuffix("_total"): spec for spec in SPECS}
    metrics = WatchMetrics()
    metrics.looked(Look("a", fetched(), fetched(), fetched(), ()), 0.0)
    shared = 0
    for family in metrics.registry.collect():
        spec = specs.get(family.name)
        if spec is None:
            continue
        shared += 1
        assert (family.type, family.documentation) == (spec.kind, spec.help)
        labels = {label for found in family.samples for label in found.labels} - {"le", CONNECTION}
        assert labels == set(spec.labels)
    assert shared == len(SHARED)


def test_a_name_of_a_report_and_of_the_mirror_are_two() -> None:
    of_reports = {name for name, _, _ in FAMILIES.values()}
    assert not of_reports & {spec.name for spec in SPECS}
