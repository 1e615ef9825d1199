"""How long a server's garbage collector held it up, as far as the server tells.

It cannot be seen from outside. Servers in Go tell it where they are instrumented for Prometheus, servers
on a JVM where Micrometer is, and this project's mirror too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.metricspage import read_metrics, summed

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

KEY = "--server-metrics"
FAMILIES = ("modproxy_gc_pause_seconds", "go_gc_duration_seconds", "jvm_gc_pause_seconds")
"""Names of histograms and summaries of pauses in seconds."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """At one moment, since the server began."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Collector:
    """The garbage collector of one server."""

    lab: Lab
    target: Target
    page: str = ""
    """URL of the server's metrics; empty: ``metrics`` below the server."""

    async def pauses(self) -> Pauses | None:
        """Return its pauses so far, None where it does not tell. Raises ConfigError for a bad URL."""
        page = await read_metrics(self.lab, self.target, self.page, KEY)
        return None if page is None else parse_pauses(page)


def parse_pauses(page: str) -> Pauses | None:
    """Return what a page of metrics tells of pauses."""
    for family in FAMILIES:
        count, seconds = summed(page, f"{family}_count"), summed(page, f"{family}_sum")
        if count is not None and seconds is not None:
            return Pauses(round(count), seconds)
    return None


def between(before: Pauses | None, after: Pauses | None) -> Pauses | None:
    """Return the pauses from one moment to another; None when unknown, or when the server began anew."""
    if before is None or after is None or after.count < before.count or after.seconds < before.seconds:
        return None
    return Pauses(after.count - before.count, after.seconds - before.seconds)
