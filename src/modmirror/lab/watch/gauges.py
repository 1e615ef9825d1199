"""What a watch exports, in the names that the mirror uses for its own upstreams (lab.md 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from modmirror.lab.render.prometheus import VALID
from modmirror.telemetry.metrics import UPSTREAM_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modmirror.lab.run.manifest import Flag
    from modmirror.lab.watch.rounds import Look

PHASES = ("dns", "connect", "tls", "send", "wait", "receive")


class WatchMetrics:
    """Counts looks. No label holds a module path; targets are few, and named by whoever watches."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # typed in part
        self.registry = CollectorRegistry()
        self._phases = Histogram(
            "modproxy_upstream_phase_seconds",
            "Seconds of each phase of a request to an upstream.",
            ("upstream", "class", "phase", "conn"),
            buckets=UPSTREAM_BUCKETS,
            registry=self.registry,
        )
        self._probes = Counter(
            "modproxy_upstream_probe_total",
            "Looks at an upstream; result is ok, or the kind of failure.",
            ("upstream", "result"),
            registry=self.registry,
        )
        self._up = Gauge(
            "modproxy_upstream_up",
            "Whether the last round got everything it asked for.",
            ("upstream",),
            registry=self.registry,
        )
        self._lag = Gauge(
            "modproxy_freshness_lag_seconds",
            "For how long a list has lacked what another mirror's has.",
            ("upstream", "kind"),
            registry=self.registry,
        )
        self._valid = Gauge(
            VALID, "0: the last round is not to be believed, by reason.", ("flag",), registry=self.registry
        )
        self._rounds = Counter("modproxy_lab_rounds_total", "Rounds that ended.", registry=self.registry)

    def looked(self, look: Look, lag: float | None) -> None:
        """Count what one mirror answered; ``lag`` is None when its list is unknown."""
        for kind, connection, fetched in look.answers:
            self._probes.labels(look.target, fetched.outcome).inc()
            for phase in PHASES:
                seconds = getattr(fetched.timing, phase)
                if seconds is not None:
                    self._phases.labels(look.target, kind, phase, connection).observe(seconds)
        self._up.labels(look.target).set(all(fetched.ok for _, _, fetched in look.answers))
        if lag is not None:
            self._lag.labels(look.target, "list").set(lag)

    def ended(self, flags: Iterable[Flag]) -> None:
        """Count a round, and say why it is not to be believed."""
        self._rounds.inc()
        # Flags of earlier rounds are over.
        self._valid.clear()
        self._valid.labels("complete").set(1)
        for flag in flags:
            self._valid.labels(flag.name).set(0)
