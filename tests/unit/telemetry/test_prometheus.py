from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from modmirror.measure.score import Prior
from modmirror.routing.outcome import Outcome
from modmirror.routing.router import Router
from modmirror.telemetry.metrics import SPECS
from modmirror.telemetry.prometheus import PrometheusMetrics
from tests.fakes.chance import Fixed


class Tier:
    hits = 3
    misses = 4
    evictions = 5
    held_bytes = 6


def samples(metrics: PrometheusMetrics) -> dict[str, float]:
    """Read the page as a scraper would: ``name{label=value,…}`` to its number."""
    found = {}
    for family in text_string_to_metric_families(metrics.render().decode()):
        for sample in family.samples:
            labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_the_page_has_every_metric_with_its_help_and_kind() -> None:
    page = PrometheusMetrics("1.2.3").render().decode()
    for spec in SPECS:
        assert f"# HELP {spec.name} {spec.help}" in page
        assert f"# TYPE {spec.name} {spec.kind}" in page


def test_answers_are_counted_timed_and_weighed() -> None:
    metrics = PrometheusMetrics("1")
    metrics.answered("info", 200, "hit", seconds=0.0004, size=100)
    metrics.answered("info", 200, "hit", seconds=0.2, size=50)
    got = samples(metrics)
    assert got["modproxy_requests_total{cache=hit,kind=info,status=200}"] == 2
    assert got["modproxy_request_seconds_bucket{cache=hit,kind=info,le=0.0005}"] == 1
    assert got["modproxy_request_seconds_count{cache=hit,kind=info}"] == 2
    assert got["modproxy_response_bytes_total"] == 150


def test_numbers_of_others_are_read_when_somebody_looks() -> None:
    metrics = PrometheusMetrics("1")
    metrics.watch_memory(Tier())
    metrics.watch_requests(lambda: 9)
    got = samples(metrics)
    assert got["modproxy_cache_hits_total"] == 3
    assert got["modproxy_cache_misses_total"] == 4
    assert got["modproxy_cache_evictions_total"] == 5
    assert got["modproxy_cache_bytes"] == 6
    assert got["modproxy_inflight_requests"] == 9


def test_before_anything_is_watched_there_are_zeros() -> None:
    got = samples(PrometheusMetrics("1"))
    assert got["modproxy_cache_hits_total"] == got["modproxy_inflight_requests"] == 0


def test_fills_run_and_end() -> None:
    metrics = PrometheusMetrics("1")
    metrics.fill_started()
    metrics.fill_started()
    metrics.fill_ended("zip", "stored", 2.0)
    got = samples(metrics)
    assert got["modproxy_fills_running"] == 1
    assert got["modproxy_fills_total{kind=zip,result=stored}"] == 1
    assert got["modproxy_fill_seconds_sum{kind=zip}"] == 2.0


def test_each_event_has_its_counter() -> None:
    metrics = PrometheusMetrics("1")
    metrics.aborted("left")
    metrics.coalesced("zip")
    metrics.stale_served("UpstreamTimeout")
    metrics.upstream_requested("up", "200")
    metrics.upstream_phase("up", "zip", "head", 0.02)
    metrics.verified("ok")
    metrics.storage_failed("StorageFull")
    metrics.alarm("hash-mismatch")
    metrics.access_log_dropped(4)
    got = samples(metrics)
    assert got["modproxy_aborted_total{reason=left}"] == 1
    assert got["modproxy_coalesced_total{kind=zip}"] == 1
    assert got["modproxy_stale_served_total{reason=UpstreamTimeout}"] == 1
    assert got["modproxy_upstream_requests_total{status=200,upstream=up}"] == 1
    assert got["modproxy_upstream_phase_seconds_bucket{class=zip,le=0.025,phase=head,upstream=up}"] == 1
    assert got["modproxy_verifications_total{result=ok}"] == 1
    assert got["modproxy_storage_errors_total{kind=StorageFull}"] == 1
    assert got["modproxy_alarms_total{event=hash-mismatch}"] == 1
    assert got["modproxy_access_log_dropped_total"] == 4
    assert got["modproxy_build_info{version=1}"] == 1


def test_two_mirrors_in_one_process_do_not_mix() -> None:
    one, other = PrometheusMetrics("1"), PrometheusMetrics("1")
    one.coalesced("zip")
    assert "modproxy_coalesced_total{kind=zip}" not in samples(other)


def test_the_process_is_measured_too() -> None:
    assert samples(PrometheusMetrics("1"))["process_resident_memory_bytes"] > 0


def test_routing_is_counted_and_sampled() -> None:
    router = Router(Fixed())
    router.add("up")
    router.add("down")
    router.restore({"up": {"meta": Prior(0.25)}})
    for number in range(3):
        permit = router.admit("down", 0.0)
        assert permit is not None
        router.record(permit, Outcome("broken", "meta", 0.1, f"m{number}", "reset"), 0.0)
    standings = router.standings(0.0)
    metrics = PrometheusMetrics("1")
    metrics.watch_router(lambda: standings)
    metrics.hedged("won")
    metrics.retried("rerouted")
    metrics.probed("up", "ok")
    got = samples(metrics)
    assert got["modproxy_upstream_score_ms{class=meta,upstream=up}"] == 250
    assert got["modproxy_upstream_breaker_state{upstream=up}"] == 0
    assert got["modproxy_upstream_breaker_state{upstream=down}"] == 2
    assert got["modproxy_retry_budget_tokens"] == 30
    assert got["modproxy_hedges_total{outcome=won}"] == 1
    assert got["modproxy_retries_total{reason=rerouted}"] == 1
    assert got["modproxy_upstream_probe_total{result=ok,upstream=up}"] == 1
