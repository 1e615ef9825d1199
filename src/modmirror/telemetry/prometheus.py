"""The registry behind ``/metrics``, by prometheus-client with children bound once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from modmirror.telemetry.metrics import SPECS
from modmirror.telemetry.pauses import PauseTally
from modmirror.telemetry.tally import AnswerTally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from prometheus_client.metrics_core import Metric

    from modmirror.routing.breaker import State
    from modmirror.routing.plan import Standings
    from modmirror.telemetry.metrics import MemoryTier, MetricSpec, Queue


_BREAKER_STATES: Mapping[State, int] = {"closed": 0, "half-open": 1, "open": 2, "paused": 3}


class PrometheusMetrics:
    """Counts in a registry of its own, so that two mirrors in one process do not mix."""

    def __init__(self, version: str) -> None:
        # The time at which each series began doubles the page and is of no use to anybody here.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # typed in part
        self.registry = CollectorRegistry()
        self._sampled = _Sampled()
        made = {spec.name: _make(spec, self.registry) for spec in SPECS if not spec.sampled}
        self._counters = {name: metric for name, metric in made.items() if isinstance(metric, Counter)}
        self._histograms = {name: metric for name, metric in made.items() if isinstance(metric, Histogram)}
        gauges = {name: metric for name, metric in made.items() if isinstance(metric, Gauge)}
        gauges["modproxy_build_info"].labels(version).set(1)
        self._fills_running = gauges["modproxy_fills_running"]
        self.answered = self._sampled.answers.add
        self.pauses = self._sampled.pauses
        self.registry.register(self._sampled)
        ProcessCollector(registry=self.registry)

    def aborted(self, reason: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_aborted_total"].labels(reason).inc()

    def watch_requests(self, running: Callable[[], int]) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._sampled.running = running

    def watch_memory(self, tier: MemoryTier) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._sampled.tier = tier

    def watch_queues(self, queues: Sequence[Queue]) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._sampled.queues = queues

    def coalesced(self, kind: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_coalesced_total"].labels(kind).inc()

    def stale_served(self, reason: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_stale_served_total"].labels(reason).inc()

    def upstream_requested(self, upstream: str, status: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_upstream_requests_total"].labels(upstream, status).inc()

    def upstream_phase(self, upstream: str, asset: str, phase: str, seconds: float) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._histograms["modproxy_upstream_phase_seconds"].labels(upstream, asset, phase).observe(seconds)

    def fill_started(self) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._fills_running.inc()

    def fill_ended(self, kind: str, result: str, seconds: float) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._fills_running.dec()
        self._counters["modproxy_fills_total"].labels(kind, result).inc()
        self._histograms["modproxy_fill_seconds"].labels(kind).observe(seconds)

    def prefetched(self, result: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_prefetch_total"].labels(result).inc()

    def verified(self, result: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_verifications_total"].labels(result).inc()

    def storage_failed(self, kind: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_storage_errors_total"].labels(kind).inc()

    def alarm(self, event: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_alarms_total"].labels(event).inc()

    def access_log_dropped(self, lines: int) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_access_log_dropped_total"].inc(lines)

    def hedged(self, outcome: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_hedges_total"].labels(outcome).inc()

    def retried(self, reason: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_retries_total"].labels(reason).inc()

    def probed(self, upstream: str, result: str) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._counters["modproxy_upstream_probe_total"].labels(upstream, result).inc()

    def watch_router(self, standings: Callable[[], Standings]) -> None:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        self._sampled.standings = standings

    def render(self) -> bytes:
        """See :class:`modmirror.telemetry.metrics.Metrics`."""
        return generate_latest(self.registry)


class _Sampled(Collector):
    """Reads the numbers that their owners keep as plain integers."""

    def __init__(self) -> None:
        self.running: Callable[[], int] | None = None
        self.tier: MemoryTier | None = None
        self.queues: Sequence[Queue] = ()
        self.standings: Callable[[], Standings] | None = None
        self.answers = AnswerTally()
        self.pauses = PauseTally()

    def collect(self) -> Iterator[Metric]:
        """Yield the sampled metrics, with zeros for what nobody has registered."""
        yield from self.answers.collect()
        yield from self.pauses.collect()
        yield from self._collect_queues()
        yield from self._collect_router()
        values = self._values()
        for spec in SPECS:
            if spec.name not in values:
                continue
            if spec.kind == "counter":
                yield CounterMetricFamily(spec.name, spec.help, value=values[spec.name])
            else:
                yield GaugeMetricFamily(spec.name, spec.help, value=values[spec.name])

    def _collect_queues(self) -> Iterator[Metric]:
        specs = {spec.name: spec for spec in SPECS}
        waiting, refused = specs["modproxy_fills_waiting"], specs["modproxy_fills_refused_total"]
        now = GaugeMetricFamily(waiting.name, waiting.help, labels=waiting.labels)
        ever = CounterMetricFamily(refused.name, refused.help, labels=refused.labels)
        for queue in self.queues:
            now.add_metric([queue.name], queue.waiting)
            ever.add_metric([queue.name], queue.refused)
        yield from (now, ever)

    def _collect_router(self) -> Iterator[Metric]:
        specs = {spec.name: spec for spec in SPECS}
        names = ("upstream_score_ms", "upstream_breaker_state", "retry_budget_tokens")
        scores, states, tokens = (
            GaugeMetricFamily(spec.name, spec.help, labels=spec.labels)
            for spec in (specs[f"modproxy_{name}"] for name in names)
        )
        if self.standings is not None:
            standings = self.standings()
            tokens.add_metric([], standings.retry_tokens)
            for each in standings.upstreams:
                states.add_metric([each.upstream], _BREAKER_STATES[each.breaker])
                for asked, score in each.scores.items():
                    if score is not None:
                        scores.add_metric([each.upstream, asked], 1000 * score)
        yield from (scores, states, tokens)

    def _values(self) -> dict[str, int]:
        tier = self.tier
        return {
            "modproxy_inflight_requests": self.running() if self.running else 0,
            "modproxy_cache_hits_total": tier.hits if tier else 0,
            "modproxy_cache_misses_total": tier.misses if tier else 0,
            "modproxy_cache_evictions_total": tier.evictions if tier else 0,
            "modproxy_cache_bytes": tier.held_bytes if tier else 0,
        }

    def describe(self) -> Iterable[Metric]:
        """Name the metrics at registration, when there is nothing to sample yet."""
        return self.collect()


def _make(spec: MetricSpec, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
    if spec.kind == "counter":
        return Counter(spec.name, spec.help, spec.labels, registry=registry)
    if spec.kind == "gauge":
        return Gauge(spec.name, spec.help, spec.labels, registry=registry)
    return Histogram(spec.name, spec.help, spec.labels, registry=registry, buckets=spec.buckets)
