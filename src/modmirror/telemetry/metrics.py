"""What is counted, in the words of Prometheus.

:data:`SPECS` is the one list of metrics: the registry is made from it, and so is the reference page. No
label may hold a module path, a version or anything else a client can choose: every label below takes its
values from a small closed set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from modmirror.routing.plan import Standings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Content-Type of :meth:`Metrics.render`: the text format of Prometheus."""

# From a memory-tier hit (tens of microseconds) to the longest fill that is allowed.
REQUEST_BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
                   2.5, 5.0, 10.0, 30.0, 60.0, 300.0)  # fmt: skip
# Nothing that crosses a network is faster than a millisecond.
UPSTREAM_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
                    60.0, 120.0, 600.0)  # fmt: skip

# A young generation takes microseconds; a pause that a client can feel takes many milliseconds.
PAUSE_BUCKETS = (0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric as it appears on ``/metrics``."""

    name: str
    """Full name, with ``_total`` where it counts."""
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    sampled: bool = False
    """Read from its owner when somebody looks, so that counting costs nothing."""


SPECS: tuple[MetricSpec, ...] = (
    MetricSpec(
        "modproxy_requests_total",
        "counter",
        "Requests answered.",
        ("kind", "status", "cache"),
        sampled=True,
    ),
    MetricSpec(
        "modproxy_request_seconds",
        "histogram",
        "Seconds from the request's headers to the last byte handed to the connection.",
        ("kind", "cache"),
        REQUEST_BUCKETS,
        sampled=True,
    ),
    MetricSpec(
        "modproxy_response_bytes_total", "counter", "Body bytes handed to connections.", sampled=True
    ),
    MetricSpec("modproxy_aborted_total", "counter", "Answers cut off before their end.", ("reason",)),
    MetricSpec("modproxy_inflight_requests", "gauge", "Requests being answered now.", sampled=True),
    MetricSpec("modproxy_cache_hits_total", "counter", "Answers from the memory tier.", sampled=True),
    MetricSpec(
        "modproxy_cache_misses_total",
        "counter",
        "Lookups that the memory tier could not answer.",
        sampled=True,
    ),
    MetricSpec(
        "modproxy_cache_evictions_total", "counter", "Answers pushed out of the memory tier.", sampled=True
    ),
    MetricSpec("modproxy_cache_bytes", "gauge", "Bytes held by the memory tier.", sampled=True),
    MetricSpec(
        "modproxy_coalesced_total",
        "counter",
        "Requests that joined a fetch another one had started.",
        ("kind",),
    ),
    MetricSpec(
        "modproxy_stale_served_total",
        "counter",
        "Old answers served because no upstream gave a new one.",
        ("reason",),
    ),
    MetricSpec(
        "modproxy_upstream_requests_total",
        "counter",
        "Requests sent to upstreams; status is a number, or the kind of failure.",
        ("upstream", "status"),
    ),
    MetricSpec(
        "modproxy_upstream_phase_seconds",
        "histogram",
        "Seconds of each phase of a request to an upstream.",
        ("upstream", "class", "phase"),
        UPSTREAM_BUCKETS,
    ),
    MetricSpec(
        "modproxy_prefetch_total",
        "counter",
        "Answers about hot modules fetched before need: refreshed, fetched, failed, or over the budget.",
        ("result",),
    ),
    MetricSpec(
        "modproxy_upstream_score_ms",
        "gauge",
        "Expected milliseconds for a typical file, by which upstreams are chosen; absent while unknown.",
        ("upstream", "class"),
        sampled=True,
    ),
    MetricSpec(
        "modproxy_upstream_breaker_state",
        "gauge",
        "0: closed, 1: half open, 2: open, 3: paused as the upstream asked.",
        ("upstream",),
        sampled=True,
    ),
    MetricSpec(
        "modproxy_upstream_probe_total",
        "counter",
        "Requests sent to upstreams for no client, to keep scores fresh.",
        ("upstream", "result"),
    ),
    MetricSpec(
        "modproxy_hedges_total", "counter", "Second requests sent because the first was slow.", ("outcome",)
    ),
    MetricSpec(
        "modproxy_retries_total",
        "counter",
        "Failures after which the next upstream was asked, or not for want of budget.",
        ("reason",),
    ),
    MetricSpec("modproxy_retry_budget_tokens", "gauge", "Retries that may follow at once.", sampled=True),
    MetricSpec("modproxy_fills_total", "counter", "Fetches on a miss that ended.", ("kind", "result")),
    MetricSpec(
        "modproxy_fill_seconds", "histogram", "Seconds from miss to stored.", ("kind",), UPSTREAM_BUCKETS
    ),
    MetricSpec("modproxy_fills_running", "gauge", "Fetches on a miss that are running now."),
    MetricSpec(
        "modproxy_fills_waiting",
        "gauge",
        "Fetches on a miss that wait for their turn; pool is upstream or origin.",
        ("pool",),
        sampled=True,
    ),
    MetricSpec(
        "modproxy_fills_refused_total",
        "counter",
        "Fetches on a miss that were refused because the wait was hopeless.",
        ("pool",),
        sampled=True,
    ),
    MetricSpec(
        "modproxy_verifications_total",
        "counter",
        "Checks against the checksum database, by their result.",
        ("result",),
    ),
    MetricSpec("modproxy_storage_errors_total", "counter", "Failures of the store.", ("kind",)),
    MetricSpec("modproxy_alarms_total", "counter", "Events that a person must look at.", ("event",)),
    MetricSpec(
        "modproxy_access_log_dropped_total",
        "counter",
        "Access-log lines lost because their reader was too slow or gone.",
    ),
    MetricSpec(
        "modproxy_gc_pause_seconds",
        "histogram",
        "Seconds for which the garbage collector held up everything else.",
        buckets=PAUSE_BUCKETS,
        sampled=True,
    ),
    MetricSpec("modproxy_build_info", "gauge", "Always 1; the version is the label.", ("version",)),
)


class MemoryTier(Protocol):
    """What the memory tier counts for itself."""

    hits: int
    misses: int
    evictions: int

    @property
    def held_bytes(self) -> int:
        """Bytes held now."""


class Queue(Protocol):
    """What a pool of places for fills counts for itself."""

    name: str
    waiting: int
    refused: int


class Metrics(Protocol):
    """Where facts are counted. Calls are cheap, never block on I/O and never raise."""

    def answered(self, kind: str, status: int, cache: str, *, seconds: float, size: int) -> None:
        """Count an answer that has ended, with ``size`` body bytes handed over."""

    def aborted(self, reason: str) -> None:
        """Count an answer that was cut off: ``left``, ``stalled``, ``failed`` or ``shutdown``."""

    def watch_requests(self, running: Callable[[], int]) -> None:
        """Ask ``running`` for the requests in flight whenever somebody looks."""

    def watch_memory(self, tier: MemoryTier) -> None:
        """Read the memory tier's own numbers whenever somebody looks."""

    def watch_queues(self, queues: Sequence[Queue]) -> None:
        """Read the numbers of these pools whenever somebody looks."""

    def coalesced(self, kind: str) -> None:
        """Count a request that joined a running fetch."""

    def stale_served(self, reason: str) -> None:
        """Count an old answer served for want of a new one."""

    def upstream_requested(self, upstream: str, status: str) -> None:
        """Count a request to an upstream by its display name."""

    def upstream_phase(self, upstream: str, asset: str, phase: str, seconds: float) -> None:
        """Record one phase; ``asset`` is the class of what was asked for (label ``class``)."""

    def fill_started(self) -> None:
        """One more fetch runs."""

    def fill_ended(self, kind: str, result: str, seconds: float) -> None:
        """One fetch less runs."""

    def prefetched(self, result: str) -> None:
        """Count what became of one answer that nobody waited for."""

    def verified(self, result: str) -> None:
        """Count a check against the checksum database."""

    def storage_failed(self, kind: str) -> None:
        """Count a failure of the store."""

    def alarm(self, event: str) -> None:
        """Count something that a person must look at."""

    def access_log_dropped(self, lines: int) -> None:
        """Count lost log lines. May be called from any thread."""

    def hedged(self, outcome: str) -> None:
        """Count a second request sent for slowness of the first: ``won`` or ``lost``."""

    def retried(self, reason: str) -> None:
        """Count a next upstream asked after a failure: ``retried``, ``rerouted``, or ``refused``."""

    def probed(self, upstream: str, result: str) -> None:
        """Count a request sent for no client: ``ok``, ``absent`` or ``failed``."""

    def watch_router(self, standings: Callable[[], Standings]) -> None:
        """Ask for scores, breakers and budgets whenever somebody looks."""

    def render(self) -> bytes:
        """Return the page for ``/metrics``. May take many milliseconds: call it off the event loop."""


class NullMetrics:
    """Counts nothing."""

    def answered(self, kind: str, status: int, cache: str, *, seconds: float, size: int) -> None:
        """See :class:`Metrics`."""

    def aborted(self, reason: str) -> None:
        """See :class:`Metrics`."""

    def watch_requests(self, running: Callable[[], int]) -> None:
        """See :class:`Metrics`."""

    def watch_memory(self, tier: MemoryTier) -> None:
        """See :class:`Metrics`."""

    def watch_queues(self, queues: Sequence[Queue]) -> None:
        """See :class:`Metrics`."""

    def coalesced(self, kind: str) -> None:
        """See :class:`Metrics`."""

    def stale_served(self, reason: str) -> None:
        """See :class:`Metrics`."""

    def upstream_requested(self, upstream: str, status: str) -> None:
        """See :class:`Metrics`."""

    def upstream_phase(self, upstream: str, asset: str, phase: str, seconds: float) -> None:
        """See :class:`Metrics`."""

    def fill_started(self) -> None:
        """See :class:`Metrics`."""

    def fill_ended(self, kind: str, result: str, seconds: float) -> None:
        """See :class:`Metrics`."""

    def prefetched(self, result: str) -> None:
        """See :class:`Metrics`."""

    def verified(self, result: str) -> None:
        """See :class:`Metrics`."""

    def storage_failed(self, kind: str) -> None:
        """See :class:`Metrics`."""

    def alarm(self, event: str) -> None:
        """See :class:`Metrics`."""

    def access_log_dropped(self, lines: int) -> None:
        """See :class:`Metrics`."""

    def hedged(self, outcome: str) -> None:
        """See :class:`Metrics`."""

    def retried(self, reason: str) -> None:
        """See :class:`Metrics`."""

    def probed(self, upstream: str, result: str) -> None:
        """See :class:`Metrics`."""

    def watch_router(self, standings: Callable[[], Standings]) -> None:
        """See :class:`Metrics`."""

    def render(self) -> bytes:
        """See :class:`Metrics`."""
        return b""
