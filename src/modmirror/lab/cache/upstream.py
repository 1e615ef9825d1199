"""How many requests a mirror has sent upstream, by its own count or that of another page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.metricspage import read_metrics, summed

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

KEY = "--upstream-metrics"
METRIC = "modproxy_upstream_requests_total"


@dataclass(frozen=True, slots=True)
class MetricsCount:
    """Asks a mirror's own ``/metrics``, or another page that counts for it."""

    lab: Lab
    page: str = ""
    """URL of the page; empty: ``metrics`` below the mirror."""
    metric: str = METRIC

    async def __call__(self, target: Target) -> int | None:
        """Return how many requests there were so far; None where nobody counts them."""
        page = await read_metrics(self.lab, target, self.page, KEY)
        count = None if page is None else summed(page, self.metric)
        return None if count is None else round(count)
