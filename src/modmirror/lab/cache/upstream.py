"""How many requests a mirror has sent upstream, by a page in the format of Prometheus."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.lab.engine.port import Limit, Request
from modmirror.lab.target import parse_target

if TYPE_CHECKING:
    from modmirror.lab.bundle import Lab
    from modmirror.lab.target import Target

METRIC = "modproxy_upstream_requests_total"
_PAGE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class MetricsCount:
    """Asks a mirror's own ``/metrics``, or another page that counts for it."""

    lab: Lab
    page: str = ""
    """URL of the page; empty: ``metrics`` below the mirror."""
    metric: str = METRIC

    async def __call__(self, target: Target) -> int | None:
        """Return how many requests there were so far; None where nobody counts them."""
        place, path = target, "metrics"
        if self.page:
            base, _, path = self.page.rpartition("/")
            place = parse_target(base, key="--upstream-metrics")
        limit = Limit(size=_PAGE_BYTES)
        fetched = await self.lab.engine.fetch(
            Request(place, path, connection="warm", keep="bytes", limit=limit)
        )
        return total(fetched.body.decode("utf-8", "replace"), self.metric) if fetched.ok else None


def total(page: str, metric: str) -> int | None:
    """Return the sum of a counter over its labels; None when the page does not have it."""
    lines = re.findall(rf"^(# TYPE )?{re.escape(metric)}(?:\{{.*\}})? (\S+)", page, re.MULTILINE)
    if not lines:
        return None
    return sum(round(float(value)) for comment, value in lines if not comment)
