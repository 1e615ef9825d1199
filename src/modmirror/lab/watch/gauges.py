"""What a watch exports, in the names that the mirror uses for its own upstreams (lab.md 8.2).

What both have is made from the mirror's own list, so that one board shows both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from modmirror.lab.render.prometheus import VALID
from modmirror.telemetry.metrics import SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from modmirror.lab.run.manifest import Flag
    from modmirror.lab.watch.rounds import Look

SHARED = {
    spec.name: spec
    for spec in SPECS
    if spec.name in {"modproxy_upstream_phase_seconds", "modproxy_upstream_probe_total"}
}
"""What the mirror counts too."""
CONNECTION = "conn"
"""Label of phases that only the lab knows: whether the connection was there before."""
PHASES = ("dns", "connect", "tls", "send", "wait", "receive")


class WatchMetrics:
    """Counts looks. No label holds a module path; targets are few, and named by whoever watches."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # typed in part
        self.registry = CollectorRegistry()
        phases = SHARED["modproxy_upstream_phase_seconds"]
        self._phases = Histogram(
            phases.name,
            phases.help,
            (*phases.labels, CONNECTION),
            buckets=phases.buckets,
            registry=self.registry,
        )
        probes = SHARED["modproxy_upstream_probe_total"]
        self._probes = Counter(probes.name, probes.help, probes.labels, registry=self.registry)
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
